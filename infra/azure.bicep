// Opwatch in one resource group. What it makes and how it is run: docs/deploy.md, "Azure".

@description('Begins the name of every resource; several of them are unique in all of Azure.')
@minLength(4)
@maxLength(20)
param resourceBaseName string

param location string = resourceGroup().location

@description('The bot as Azure shows it; what people see in Teams is in the app package.')
@maxLength(42)
param botDisplayName string = 'Opwatch'

@description('Teams is a standard channel, whose messages are free in both; S1 comes with an SLA.')
@allowed(['F0', 'S1'])
param botSku string = 'F0'

@description('A name of your own, once the app has it and a certificate for it: the certificate\'s resource id. Else it is Azure\'s.')
param customDomain string = ''
param certificateId string = ''

@description('Which Teams the bot is in.')
@allowed(['CommercialDeployment', 'GCCModerateDeployment'])
param teamsDeployment string = 'CommercialDeployment'

@description('Of the image opwatch:<tag> in this group\'s registry; "none" while nothing was built, and then no app is made.')
param imageTag string

@description('Checks go on without any request, so that no number of replicas below one would do.')
@minValue(1)
@maxValue(25)
param minReplicas int = 2

@description('A replica holds up to 13 connections to the database, and an upgrade has twice the replicas for a minute.')
@minValue(1)
@maxValue(25)
param maxReplicas int = 2

@description('Of the server\'s administrator. Whatever it holds is encoded where it becomes part of an address.')
@secure()
@minLength(16)
param databasePassword string

@description('Another one after a restore, which makes a new server.')
param databaseServerName string = '${resourceBaseName}-db'

@allowed(['15', '16', '17', '18'])
param databaseVersion string = '17'

param databaseSkuName string = 'Standard_B2s'

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param databaseSkuTier string = 'Burstable'

@description('The application that asks Graph. Empty: the bot\'s identity does; its permissions can\'t be granted by people who install the app.')
param graphClientId string = ''

@secure()
param graphClientSecret string = ''

@description('Signs events; with it, settings needs CALLBACK_HOSTS.')
@secure()
param callbackSecret string = ''

@description('Further variables of README.md, by their names, as { LOG_LEVEL: \'info\' }. No secrets: they can be read in the portal.')
param settings object = {}

var databaseLogin = 'opwatch'
var databaseName = 'opwatch'
var appName = resourceBaseName

// The bot signs in as this, pulls its image and reads its secrets as this: there is no password of the bot's.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${resourceBaseName}-bot'
  location: location
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${resourceBaseName}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

module network 'modules/network.bicep' = {
  name: 'opwatch-network'
  params: {
    baseName: resourceBaseName
    location: location
  }
}

module registry 'modules/registry.bicep' = {
  name: 'opwatch-registry'
  params: {
    name: '${resourceBaseName}acr'
    location: location
    readerPrincipalId: identity.properties.principalId
  }
}

module database 'modules/database.bicep' = {
  name: 'opwatch-database'
  params: {
    name: databaseServerName
    location: location
    version: databaseVersion
    skuName: databaseSkuName
    skuTier: databaseSkuTier
    login: databaseLogin
    password: databasePassword
    databaseName: databaseName
    subnetId: network.outputs.databaseSubnetId
    zoneId: network.outputs.databaseZoneId
    workspaceId: workspace.id
  }
}

module vault 'modules/vault.bicep' = {
  name: 'opwatch-vault'
  params: {
    name: '${resourceBaseName}-kv'
    location: location
    readerPrincipalId: identity.properties.principalId
    databaseUrl: 'postgres://${databaseLogin}:${uriComponent(databasePassword)}@${database.outputs.host}:5432/${databaseName}?sslmode=verify-full'
    graphClientSecret: graphClientSecret
    callbackSecret: callbackSecret
    workspaceId: workspace.id
  }
}

module hosting 'modules/hosting.bicep' = {
  name: 'opwatch-hosting'
  params: {
    name: '${resourceBaseName}-env'
    location: location
    subnetId: network.outputs.appsSubnetId
    workspaceId: workspace.id
  }
}

var domain = empty(customDomain) ? '${appName}.${hosting.outputs.defaultDomain}' : customDomain

module app 'modules/app.bicep' = if (imageTag != 'none') {
  name: 'opwatch-app'
  params: {
    name: appName
    location: location
    environmentId: hosting.outputs.environmentId
    identityId: identity.id
    botId: identity.properties.clientId
    botTenantId: identity.properties.tenantId
    registryServer: registry.outputs.server
    image: '${registry.outputs.server}/opwatch:${imageTag}'
    domain: domain
    customDomain: customDomain
    certificateId: certificateId
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    graphClientId: graphClientId
    vaultUri: vault.outputs.uri
    hasGraphClientSecret: !empty(graphClientSecret)
    hasCallbackSecret: !empty(callbackSecret)
    settings: settings
  }
}

module bot 'modules/bot.bicep' = {
  name: 'opwatch-bot'
  params: {
    name: resourceBaseName
    displayName: botDisplayName
    sku: botSku
    domain: domain
    identityId: identity.id
    identityClientId: identity.properties.clientId
    identityTenantId: identity.properties.tenantId
    teamsDeployment: teamsDeployment
  }
}

// Teams Toolkit writes these to env/.env.<environment>. None may be empty: it would write "[object Object]".
output BOT_ID string = identity.properties.clientId
output BOT_TENANT_ID string = identity.properties.tenantId
output BOT_DOMAIN string = domain
output BOT_ENDPOINT string = 'https://${domain}'
// The identity's object id: whoever gets permissions is named by it.
output BOT_PRINCIPAL_ID string = identity.properties.principalId
output REGISTRY_NAME string = registry.outputs.name
output CONTAINER_APP_NAME string = appName

// The bot's registration at Azure Bot Service, with Teams as its channel.

param name string
param displayName string
param sku string

@description('Host of the messaging endpoint.')
param domain string

param identityId string
param identityClientId string
param identityTenantId string
param teamsDeployment string

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: name
  location: 'global'
  kind: 'azurebot'
  sku: { name: sku }
  properties: {
    displayName: displayName
    description: 'Tells you how a long-running Microsoft Graph operation ends.'
    endpoint: 'https://${domain}/api/messages'
    msaAppType: 'UserAssignedMSI'
    msaAppId: identityClientId
    msaAppTenantId: identityTenantId
    msaAppMSIResourceId: identityId
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      isEnabled: true
      acceptedTerms: true
      deploymentEnvironment: teamsDeployment
    }
  }
}

// The bot itself. Replicas share the database and need to know nothing of each other.

param name string
param location string
param environmentId string
param identityId string
param botId string
param botTenantId string
param registryServer string
param image string
@description('The name that Teams finds the bot by.')
param domain string
param customDomain string
param certificateId string
param minReplicas int
param maxReplicas int
param graphClientId string
param vaultUri string
param hasGraphClientSecret bool
param hasCallbackSecret bool
param settings object

var port = 3978

var graphSecret = {
  variable: 'GRAPH_CLIENT_SECRET'
  secret: 'graph-client-secret'
}

var eventSecret = {
  variable: 'CALLBACK_SECRET'
  secret: 'callback-secret'
}

var secretNames = concat(
  [
    {
      variable: 'DATABASE_URL'
      secret: 'database-url'
    }
  ],
  hasGraphClientSecret ? [graphSecret] : [],
  hasCallbackSecret ? [eventSecret] : []
)

// AZURE_CLIENT_ID must not be among these: the Bot Framework would take it for the bot.
var variables = [
  {
    name: 'PORT'
    value: string(port)
  }
  {
    name: 'BOT_TYPE'
    value: 'UserAssignedMSI'
  }
  {
    name: 'BOT_ID'
    value: botId
  }
  {
    name: 'BOT_TENANT_ID'
    value: botTenantId
  }
  {
    // Only the doctor reads it: it looks there from outside.
    name: 'BOT_DOMAIN'
    value: domain
  }
]

var customDomains = empty(customDomain)
  ? []
  : [
      {
        name: customDomain
        certificateId: certificateId
        bindingType: 'SniEnabled'
      }
    ]

var graphVariables = empty(graphClientId)
  ? []
  : [
      {
        name: 'GRAPH_CLIENT_ID'
        value: graphClientId
      }
      {
        name: 'API_CLIENT_ID'
        value: graphClientId
      }
    ]

var settingVariables = [
  for setting in items(settings): {
    name: setting.key
    value: string(setting.value)
  }
]

var secretVariables = [
  for item in secretNames: {
    name: item.variable
    secretRef: item.secret
  }
]

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      // A new revision takes over when it is ready; the old one is then told to end.
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
        // What is not named here is taken away again.
        customDomains: customDomains
      }
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [
        for item in secretNames: {
          name: item.secret
          keyVaultUrl: '${vaultUri}secrets/${item.secret}'
          identity: identityId
        }
      ]
    }
    template: {
      // The bot ends within 10 s of SIGTERM.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'opwatch'
          image: image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: concat(variables, graphVariables, settingVariables, secretVariables)
          probes: [
            {
              // The first start migrates the database before it listens.
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 6
              timeoutSeconds: 3
              failureThreshold: 10
            }
            {
              // The process alone: restarting it would bring no database back.
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: port
              }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: { concurrentRequests: '50' }
            }
          }
        ]
      }
    }
  }
}

"""Products, variants, stock, handlers and who is signed in."""

TEXT = """
type Product { id: ID! createdAt: DateTime! updatedAt: DateTime! enabled: Boolean! name: String! slug: String!
  description: String! variants: [ProductVariant!]! }
type ProductList { items: [Product!]! totalItems: Int! }
type ProductOption { id: ID! code: String! name: String! }
type StockLocation { id: ID! createdAt: DateTime! updatedAt: DateTime! name: String! description: String! }
type StockLocationList { items: [StockLocation!]! totalItems: Int! }
type StockLevel { id: ID! createdAt: DateTime! updatedAt: DateTime! stockLocationId: ID! stockOnHand: Int!
  stockAllocated: Int! stockLocation: StockLocation! }
type ProductVariant { id: ID! createdAt: DateTime! updatedAt: DateTime! enabled: Boolean! productId: ID!
  product: Product! sku: String! name: String! price: Money! priceWithTax: Money! currencyCode: CurrencyCode!
  stockLevel: String! stockLevels: [StockLevel!]! stockOnHand: Int! stockAllocated: Int! outOfStockThreshold: Int!
  trackInventory: GlobalFlag! options: [ProductOption!]! customFields: JSON }
type ProductVariantList { items: [ProductVariant!]! totalItems: Int! }
type ConfigArgDefinition { name: String! type: String! list: Boolean! required: Boolean! }
type ConfigurableOperationDefinition { code: String! description: String! args: [ConfigArgDefinition!]! }
type OrderProcessState { name: String! to: [String!]! }
type ServerConfig { orderProcess: [OrderProcessState!]! permittedAssetTypes: [String!]! moneyStrategyPrecision: Int! }
type GlobalSettings { id: ID! trackInventory: Boolean! outOfStockThreshold: Int! serverConfig: ServerConfig! }
type CurrentUserChannel { id: ID! token: String! code: String! permissions: [Permission!]! }
type CurrentUser { id: ID! identifier: String! channels: [CurrentUserChannel!]! }
type Role { id: ID! code: String! permissions: [Permission!]! }
type User { id: ID! identifier: String! verified: Boolean! roles: [Role!]! }
type Administrator { id: ID! firstName: String! lastName: String! emailAddress: String! user: User! }
type ChannelList { items: [Channel!]! totalItems: Int! }
type Success { success: Boolean! }
type WebhookRequestTransformer { name: String! supportedEvents: [String!]! }
type Webhook { id: ID! event: String! url: String! requestTransformer: WebhookRequestTransformer }
enum GlobalFlag { TRUE FALSE INHERIT }
enum Permission { Authenticated ReadOrder UpdateOrder ReadCatalog UpdateCatalog ReadProduct UpdateProduct
  ReadStockLocation ReadCustomer ReadSettings SetWebhook SuperAdmin }
"""

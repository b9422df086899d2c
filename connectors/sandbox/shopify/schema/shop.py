"""Types of the shop itself: money, places, people, goods, stock, web hooks."""

TEXT = """
interface Node { id: ID! }
enum CurrencyCode { CNY USD EUR GBP HKD JPY AUD CAD SGD }
enum CountryCode { CN US HK TW MO JP GB DE FR AU CA SG }
enum WebhookSubscriptionFormat { JSON XML }
enum WebhookSubscriptionTopic {
  ORDERS_CREATE ORDERS_UPDATED ORDERS_PAID ORDERS_CANCELLED ORDERS_EDITED ORDERS_FULFILLED
  ORDERS_PARTIALLY_FULFILLED ORDERS_DELETE REFUNDS_CREATE
  RETURNS_REQUEST RETURNS_APPROVE RETURNS_DECLINE RETURNS_CANCEL RETURNS_CLOSE RETURNS_REOPEN RETURNS_PROCESS
  RETURNS_UPDATE FULFILLMENTS_CREATE FULFILLMENTS_UPDATE FULFILLMENT_EVENTS_CREATE
  FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE FULFILLMENT_ORDERS_PLACED_ON_HOLD FULFILLMENT_ORDERS_HOLD_RELEASED
  FULFILLMENT_ORDERS_MOVED FULFILLMENT_ORDERS_SPLIT FULFILLMENT_ORDERS_CANCELLED
  REVERSE_FULFILLMENT_ORDERS_DISPOSE INVENTORY_LEVELS_UPDATE PRODUCTS_UPDATE APP_UNINSTALLED ORDER_TRANSACTIONS_CREATE
}
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Attribute { key: String! value: String }
type Count { count: Int! precision: String! }
type UserError { field: [String!] message: String! }
type Job { id: ID! done: Boolean! }
type MailingAddress {
  id: ID! name: String firstName: String lastName: String company: String address1: String address2: String
  city: String province: String provinceCode: String zip: String country: String countryCodeV2: CountryCode
  countryCode: CountryCode phone: String latitude: Float longitude: Float
}
type CustomerEmailAddress { emailAddress: String! }
type CustomerPhoneNumber { phoneNumber: String! }
type Customer {
  id: ID! legacyResourceId: UnsignedInt64! firstName: String lastName: String displayName: String! email: String
  phone: String defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber
  createdAt: DateTime! updatedAt: DateTime! tags: [String!]! note: String
}
type LocationAddress {
  address1: String city: String province: String provinceCode: String country: String countryCode: String zip: String
}
type Location implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String! isActive: Boolean! fulfillsOnlineOrders: Boolean!
  isFulfillmentService: Boolean! shipsInventory: Boolean! address: LocationAddress!
}
type ShopPlan { publicDisplayName: String! shopifyPlus: Boolean! partnerDevelopment: Boolean! }
type Domain { host: String! url: URL! }
type Shop {
  id: ID! name: String! email: String! myshopifyDomain: String! currencyCode: CurrencyCode! ianaTimezone: String!
  timezoneOffset: String! taxesIncluded: Boolean! plan: ShopPlan! primaryDomain: Domain! url: URL!
  enabledPresentmentCurrencies: [CurrencyCode!]!
}
type AccessScope { handle: String! description: String! }
type App { id: ID! title: String handle: String }
type AppInstallation { id: ID! accessScopes: [AccessScope!]! app: App! }
type ApiVersion { handle: String! displayName: String! supported: Boolean! }
type SelectedOption { name: String! value: String! }
enum ProductStatus { ACTIVE ARCHIVED DRAFT UNLISTED }
type Product implements Node {
  id: ID! legacyResourceId: UnsignedInt64! title: String! handle: String! vendor: String! productType: String!
  status: ProductStatus! createdAt: DateTime! updatedAt: DateTime! tags: [String!]! totalInventory: Int!
  variants(first: Int, after: String, last: Int, before: String, reverse: Boolean): ProductVariantConnection!
}
type ProductVariant implements Node {
  id: ID! legacyResourceId: UnsignedInt64! sku: String barcode: String title: String! displayName: String!
  price: Money! compareAtPrice: Money inventoryQuantity: Int inventoryItem: InventoryItem! product: Product!
  selectedOptions: [SelectedOption!]! createdAt: DateTime! updatedAt: DateTime! position: Int! taxable: Boolean!
}
type InventoryItem implements Node {
  id: ID! legacyResourceId: UnsignedInt64! sku: String tracked: Boolean! requiresShipping: Boolean!
  createdAt: DateTime! updatedAt: DateTime! unitCost: MoneyV2 variant: ProductVariant!
  inventoryLevel(locationId: ID!): InventoryLevel
  inventoryLevels(first: Int, after: String, last: Int, before: String, query: String): InventoryLevelConnection!
}
type InventoryQuantity { id: ID! name: String! quantity: Int! updatedAt: DateTime }
type InventoryLevel {
  id: ID! updatedAt: DateTime! createdAt: DateTime! isActive: Boolean! location: Location! item: InventoryItem!
  quantities(names: [String!]!): [InventoryQuantity!]!
}
type InventoryChange { name: String! delta: Int! quantityAfterChange: Int item: InventoryItem location: Location }
type InventoryAdjustmentGroup {
  id: ID! createdAt: DateTime! reason: String! referenceDocumentUri: String changes: [InventoryChange!]!
}
type WebhookSubscription implements Node {
  id: ID! legacyResourceId: UnsignedInt64! topic: WebhookSubscriptionTopic! uri: String! callbackUrl: URL!
  format: WebhookSubscriptionFormat! filter: String includeFields: [String!]! createdAt: DateTime!
  updatedAt: DateTime! apiVersion: ApiVersion! endpoint: WebhookSubscriptionEndpoint!
}
type WebhookHttpEndpoint { callbackUrl: URL! }
type WebhookEventBridgeEndpoint { arn: String! }
union WebhookSubscriptionEndpoint = WebhookHttpEndpoint | WebhookEventBridgeEndpoint
"""

"""Types of the shop: itself, app, channel, warehouses, variants with stock, web hooks."""

TEXT = """
interface Node { id: ID! }
enum PermissionEnum { MANAGE_ORDERS MANAGE_PRODUCTS HANDLE_PAYMENTS MANAGE_APPS MANAGE_USERS MANAGE_SETTINGS
  MANAGE_SHIPPING MANAGE_CHANNELS MANAGE_CHECKOUTS IMPERSONATE_USER MANAGE_ORDERS_IMPORT MANAGE_TAXES }
type Permission { code: PermissionEnum! name: String! }
type Domain { host: String! sslEnabled: Boolean! url: String! }
type MetadataItem { key: String! value: String! }
type Money { currency: String! amount: Float! fractionalAmount: Int! fractionDigits: Int! }
type TaxedMoney { currency: String! gross: Money! net: Money! tax: Money! }
type CountryDisplay { code: String! country: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Shop { id: ID! name: String! domain: Domain! version: String! schemaVersion: String! permissions: [Permission!]!
  channelCurrencies: [String!]! fulfillmentAutoApprove: Boolean! fulfillmentAllowUnpaid: Boolean!
  includeTaxesInPrices: Boolean! displayGrossPrices: Boolean! chargeTaxesOnShipping: Boolean! }
enum AppTypeEnum { LOCAL THIRDPARTY }
type App implements Node { id: ID! name: String identifier: String isActive: Boolean type: AppTypeEnum version: String
  permissions: [Permission!] webhooks: [Webhook!] }
type Channel implements Node { id: ID! slug: String! name: String! currencyCode: String! isActive: Boolean! }
type Address implements Node { id: ID! firstName: String! lastName: String! companyName: String!
  streetAddress1: String! streetAddress2: String! city: String! cityArea: String! postalCode: String!
  country: CountryDisplay! countryArea: String! phone: String }
type User implements Node { id: ID! email: String! firstName: String! lastName: String! isActive: Boolean! }
type Warehouse implements Node { id: ID! name: String! slug: String! email: String! isPrivate: Boolean!
  address: Address! externalReference: String }
type WarehouseCountableEdge { node: Warehouse! cursor: String! }
type WarehouseCountableConnection { pageInfo: PageInfo! edges: [WarehouseCountableEdge!]! totalCount: Int }
type Stock implements Node { id: ID! warehouse: Warehouse! quantity: Int! quantityAllocated: Int!
  quantityReserved: Int! productVariant: ProductVariant! }
enum ProductTypeKindEnum { NORMAL GIFT_CARD }
type ProductType implements Node { id: ID! name: String! slug: String! kind: ProductTypeKindEnum! }
type ProductChannelListing { id: ID! channel: Channel! isPublished: Boolean! visibleInListings: Boolean!
  availableForPurchaseAt: DateTime isAvailableForPurchase: Boolean publishedAt: DateTime }
type Product implements Node { productType: ProductType! channelListings: [ProductChannelListing!]
  id: ID! name: String! slug: String! externalReference: String
  variants: [ProductVariant!] created: DateTime! updatedAt: DateTime! }
type ProductCountableEdge { node: Product! cursor: String! }
type ProductCountableConnection { pageInfo: PageInfo! edges: [ProductCountableEdge!]! totalCount: Int }
type VariantPricingInfo { price: TaxedMoney onSale: Boolean }
type ProductVariantChannelListing { id: ID! channel: Channel! price: Money }
type ProductVariant implements Node { id: ID! name: String! sku: String product: Product! trackInventory: Boolean!
  externalReference: String stocks: [Stock!] quantityAvailable: Int pricing: VariantPricingInfo
  channelListings: [ProductVariantChannelListing!] created: DateTime! updatedAt: DateTime!
  metadata: [MetadataItem!]! metafield(key: String!): String }
type ProductVariantCountableEdge { node: ProductVariant! cursor: String! }
type ProductVariantCountableConnection { pageInfo: PageInfo! edges: [ProductVariantCountableEdge!]! totalCount: Int }
enum WebhookEventTypeAsyncEnum {
  ANY_EVENTS ORDER_CREATED ORDER_CONFIRMED ORDER_PAID ORDER_FULLY_PAID ORDER_REFUNDED ORDER_FULLY_REFUNDED
  ORDER_UPDATED ORDER_CANCELLED ORDER_EXPIRED ORDER_FULFILLED ORDER_METADATA_UPDATED ORDER_BULK_CREATED
  FULFILLMENT_CREATED FULFILLMENT_CANCELED FULFILLMENT_APPROVED FULFILLMENT_METADATA_UPDATED
  FULFILLMENT_TRACKING_NUMBER_UPDATED DRAFT_ORDER_CREATED DRAFT_ORDER_UPDATED DRAFT_ORDER_DELETED
  PRODUCT_VARIANT_STOCK_UPDATED PRODUCT_VARIANT_CREATED PRODUCT_VARIANT_UPDATED PRODUCT_VARIANT_DELETED
  PRODUCT_CREATED PRODUCT_UPDATED PRODUCT_DELETED PRODUCT_VARIANT_OUT_OF_STOCK PRODUCT_VARIANT_BACK_IN_STOCK
  TRANSACTION_ITEM_METADATA_UPDATED
}
type WebhookEventAsync { name: String! eventType: WebhookEventTypeAsyncEnum! }
type WebhookEvent { name: String! eventType: WebhookEventTypeAsyncEnum! }
type Webhook implements Node { id: ID! name: String identifier: String targetUrl: String! isActive: Boolean!
  secretKey: String subscriptionQuery: String customHeaders: JSONString asyncEvents: [WebhookEventAsync!]!
  events: [WebhookEvent!]! app: App! }
"""

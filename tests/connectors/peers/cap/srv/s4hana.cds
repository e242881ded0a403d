// The released S/4HANA services of the pack, with the properties it reads. CAP keeps no real business data.
@path: '/odata/v4/API_BUSINESS_PARTNER'
service API_BUSINESS_PARTNER {
  @cds.query.limit: { default: 4, max: 4 }
  entity A_BusinessPartner {
    key BusinessPartner: String(10);
    Customer: String(10);
    BusinessPartnerFullName: String(81);
    BusinessPartnerIsBlocked: Boolean default false;
    IsMarkedForArchiving: Boolean default false;
    Language: String(2);
    CreationDate: Date;
    LastChangeDate: Date;
    @odata.etag version: Integer default 1;
  }
}

@path: '/odata/v4/API_PRODUCT_SRV'
service API_PRODUCT_SRV {
  entity A_Product {
    key Product: String(40);
    ProductGroup: String(9);
    BaseUnit: String(3);
    IsMarkedForDeletion: Boolean;
    LastChangeDateTime: Timestamp;
  }
}

@path: '/odata/v4/API_SALES_ORDER_SRV'
service API_SALES_ORDER_SRV {
  @cds.query.limit: { default: 4, max: 4 }
  entity A_SalesOrder {
    key SalesOrder: String(10);
    SoldToParty: String(60); // SAP has 10; the suite writes longer ones
    SalesOrderDate: Date;
    RequestedDeliveryDate: Date;
    TotalNetAmount: Decimal(16, 3);
    TransactionCurrency: String(5);
    OverallSDProcessStatus: String(1);
    DeliveryBlockReason: String(2) default '';
    @odata.etag LastChangeDateTime: Timestamp;
    to_Item: Composition of many A_SalesOrderItem on to_Item.SalesOrder = $self.SalesOrder;
  }
  entity A_SalesOrderItem {
    key SalesOrder: String(10);
    key SalesOrderItem: String(6);
    Material: String(40);
    SalesOrderItemText: String(40);
    RequestedQuantity: Decimal(15, 3);
    RequestedQuantityUnit: String(3);
    TransactionCurrency: String(5);
    NetAmount: Decimal(16, 3);
    PricingDate: Date;
  }
  entity A_SalesOrderText {
    key SalesOrder: String(10);
    key Language: String(2);
    key LongTextID: String(4);
    LongText: String(5000);
  }
}

@path: '/odata/v4/API_BILLING_DOCUMENT_SRV'
service API_BILLING_DOCUMENT_SRV {
  entity A_BillingDocument {
    key BillingDocument: String(10);
    SoldToParty: String(10);
    BillingDocumentDate: Date;
    TotalGrossAmount: Decimal(16, 3);
    TransactionCurrency: String(5);
    BillingDocumentIsCancelled: Boolean;
    LastChangeDateTime: Timestamp;
    to_Item: Composition of many A_BillingDocumentItem on to_Item.BillingDocument = $self.BillingDocument;
  }
  entity A_BillingDocumentItem {
    key BillingDocument: String(10);
    key BillingDocumentItem: String(6);
    Material: String(40);
    BillingDocumentItemText: String(40);
    BillingQuantity: Decimal(13, 3);
    BillingQuantityUnit: String(3);
    TransactionCurrency: String(5);
    NetAmount: Decimal(16, 3);
  }
}

// Business One's Service Layer as far as the pack uses it; server.js asks for its session cookies.
@path: '/b1s/v2'
service b1s {
  @cds.query.limit: { default: 4, max: 4 }
  entity BusinessPartners {
    key CardCode: String(15);
    CardName: String(100);
    CardType: String(20) default 'cCustomer';
    FederalTaxID: String(32);
    EmailAddress: String(100);
    Phone1: String(20);
    City: String(100);
    Country: String(3);
    Currency: String(3);
    CreditLimit: Decimal(19, 6);
    Frozen: String(4) default 'tNO';
    UpdateDate: Date;
  }
  entity Items {
    key ItemCode: String(50);
    ItemName: String(200);
    SalesUnit: String(100);
    QuantityOnStock: Decimal(19, 6);
    Valid: String(4);
    UpdateDate: Date;
  }
  entity Orders : Documents {}
  entity Invoices : Documents {}
  aspect Documents {
    DocumentLines: many {
      LineNum: Integer;
      ItemCode: String(50);
      ItemDescription: String(200);
      Quantity: Decimal(19, 6);
      RemainingOpenQuantity: Decimal(19, 6);
      MeasureUnit: String(100);
      Price: Decimal(19, 6);
      LineTotal: Decimal(19, 6);
    };
    key DocEntry: Integer;
    DocNum: Integer;
    CardCode: String(15);
    DocDate: Date;
    DocDueDate: Date;
    DocTotal: Decimal(19, 6);
    DocCurrency: String(3);
    DocumentStatus: String(20);
    Cancelled: String(4);
    UpdateDate: Date;
  }
  entity Activities {
    key ActivityCode: UUID;
    CardCode: String(15);
    Details: String(100);
    Notes: String(5000);
    ActivityType: String(10);
    U_OpslayerKey: String(80);
  }
}

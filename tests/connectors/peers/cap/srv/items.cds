// What the conformance suite needs of any system: items with a time of change, and tasks with a key of ours.
@path: '/odata/v4/erp'
@requires: 'authenticated-user'
service erp {
  @cds.query.limit: { default: 4, max: 4 }
  entity Items {
    key ID: String(40);
    text: String(200);
    amount: Decimal(15, 2);
    day: Date;
    @odata.etag changedAt: Timestamp;
    gone: Boolean default false;
  }
  entity Tasks {
    key ID: UUID;
    title: String(200);
    externalKey: String(80);
    notes: Composition of many Notes on notes.task = $self;
  }
  entity Notes {
    key ID: UUID;
    text: String(500);
    task: Association to Tasks;
  }
}

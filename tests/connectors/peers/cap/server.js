// What CAP itself does not do: Business One's login with cookies, and the CSRF token that SAP Gateway asks of writes.
const cds = require('@sap/cds')

let session = 0
const TOKEN = 'csrf-1'

cds.prependListener('bootstrap', app => { // before the V2 adapter, which answers for itself
  app.post('/b1s/v2/Login', (request, response) => {
    let body = ''
    request.on('data', part => { body += part })
    request.on('end', () => {
      if (JSON.parse(body).Password !== 'p') return response.status(401).json({ error: { message: 'Login failed' } })
      session += 1
      response.cookie('B1SESSION', `s${session}`, { httpOnly: true })
      response.json({ SessionId: `s${session}`, SessionTimeout: 30 })
    })
  })
  app.post('/b1s/v2/Expire', (_, response) => { session += 1; response.sendStatus(204) })
  app.use('/b1s/v2', (request, response, next) => {
    if (request.headers['x-test-setup']) return next()
    if ((request.headers.cookie || '').includes(`B1SESSION=s${session}`)) return next()
    response.status(401).json({ error: { code: '301', message: 'Invalid session or session already timeout.' } })
  })
  app.use('/odata/v2', (request, response, next) => {
    if (!request.originalUrl.includes('/API_')) return next()
    const given = request.headers['x-csrf-token']
    if (given === 'Fetch') return response.set('X-CSRF-Token', TOKEN).json({ d: {} })
    if (!['GET', 'HEAD'].includes(request.method) && given !== TOKEN) {
      return response.set('X-CSRF-Token', 'Required').status(403).send('CSRF token validation failed')
    }
    next()
  })
})

module.exports = cds.server

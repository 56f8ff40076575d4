// Whoever clicks twice, goes on before the answer is there, or has a slow line: one thing is made, nobody is carried off to another page, and
// what is shown is true.
import { readFileSync } from 'node:fs'
import { check, flow, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

/** Requests of that method and path wait until the function that this gives is called; `asked` counts them. */
async function hold(page, method, path) {
  let open
  const gate = new Promise((resolve) => (open = resolve))
  const held = { asked: 0, open: () => open() }
  await page.route((url) => url.pathname.replace(/\/$/, '') === path, async (route) => {
    if (route.request().method() !== method) return route.fallback()
    held.asked++
    await gate
    await route.continue()
  })
  return held
}

/** Lets the page go on until it is so; for what the clock of the page, which stands, cannot wait for. */
async function until(page, truth, what) {
  for (const end = Date.now() + 30000; !truth(); await page.evaluate(() => 0)) check(Date.now() < end, what)
}

const answer = (page, method, path) =>
  page.waitForResponse((r) => r.request().method() === method && new URL(r.url()).pathname.replace(/\/$/, '') === path)

await flow(async ({ page, base }) => {
  await login(page, username, password)
  const visit = async (address, name) => {
    await page.goto(`${base}/#${address}`)
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }
  const row = (text) => page.getByRole('row').filter({ hasText: text })

  // The last row of the last page goes: the page before is shown, not "none".
  await visit('/teams', 'Teams')
  await page.getByRole('button', { name: 'Next' }).click()
  await row('Team 50').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await row('Team 49').waitFor()

  // Two clicks make one team.
  let held = await hold(page, 'POST', '/api/v1/teams')
  await page.getByRole('button', { name: 'New team' }).click()
  const form = page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Save' }) })
  await form.getByLabel('Name').fill('Only one')
  await form.getByRole('button', { name: 'Save' }).dblclick()
  await form.getByLabel('Name').press('Enter')
  held.open()
  await form.waitFor({ state: 'hidden' })
  check(held.asked === 1, `asked ${held.asked} times to make a team`)

  // The reply to a form comes when one has gone on.
  await visit('/interviews', 'Interviews')
  held = await hold(page, 'POST', '/api/v1/interviews')
  await page.getByRole('button', { name: 'New interview' }).click()
  await page.getByLabel('Title').fill('Weavers')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.evaluate(() => (location.hash = '#/account'))
  await page.getByRole('heading', { level: 1, name: 'Account', exact: true }).waitFor()
  let came = answer(page, 'POST', '/api/v1/interviews')
  held.open()
  await came
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  check((await page.evaluate(() => location.hash)) === '#/account', 'the reply carried the reader off')

  // The page is left while a file is sent: it arrives, and nothing complains.
  await visit('/resumes', 'My résumés')
  held = await hold(page, 'POST', '/api/v1/resumes/upload')
  await page.locator('input[type=file]').setInputFiles(`${documents}/two-columns.pdf`)
  await page.evaluate(() => (location.hash = '#/account'))
  await page.getByRole('heading', { level: 1, name: 'Account', exact: true }).waitFor()
  came = answer(page, 'POST', '/api/v1/resumes/upload')
  held.open()
  await came
  await visit('/resumes', 'My résumés')
  await row('two-columns.pdf').waitFor()

  // What was refused is not shown as done.
  await visit('/users', 'Users')
  page.expected.push('status of 400')
  await page.route('**/api/v1/users/*/deactivate', (route) => route.fulfill({ status: 400, json: { detail: 'Not now' } }))
  await page.route('**/api/v1/users/2', (route) => route.fulfill({ status: 400, json: { detail: 'Not this role' } }))
  await row('worker').getByRole('button', { name: 'Deactivate' }).click()
  await page.getByText('Not now').waitFor()
  check((await page.getByText('worker: Inactive').count()) === 0, 'a refusal is told as done')
  const again = answer(page, 'GET', '/api/v1/users')
  await row('worker').getByRole('combobox').selectOption('admin')
  await page.getByText('Not this role').waitFor()
  await again
  await page.waitForFunction(() => [...document.querySelectorAll('td select')].some((s) => !s.disabled && s.value === 'recruiter'))

  await visit('/features', 'Feature flags')
  await page.route('**/api/v1/features/FEATURE_AI_RESUME', (route) =>
    route.request().method() === 'PUT' ? route.fulfill({ status: 400, json: { detail: 'Not this flag' } }) : route.continue())
  const flag = page.getByRole('switch', { name: 'FEATURE_AI_RESUME' })
  await flag.click()
  await page.getByText('Not this flag').waitFor()
  await page.waitForFunction(() => document.querySelector('[role=switch]').checked)

  // Nor is what was typed lost with it.
  await page.goto(`${base}/#/interviews/1`)
  await page.route('**/api/v1/interviews/1/questions', (route) => route.fulfill({ status: 400, json: { detail: 'Not this question' } }))
  await page.getByRole('button', { name: 'Add a question' }).click()
  await page.getByLabel('Question', { exact: true }).fill('Warp or weft?')
  const asked = answer(page, 'GET', '/api/v1/interviews/1')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Not this question').waitFor()
  await asked
  await page.locator('form[aria-busy]').waitFor({ state: 'detached' })
  check((await page.getByLabel('Question', { exact: true }).inputValue()) === 'Warp or weft?', 'a refused question is kept')
  await page.unroute('**/api/v1/interviews/1/questions')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('listitem').filter({ hasText: 'Warp or weft?' }).waitFor()

  // Of two answers the one to the last question is shown, whichever comes last.
  await visit('/dashboard', 'Overview')
  let late
  await page.route('**/api/v1/stats/dashboard?*', async (route) => {
    if (!route.request().url().includes('period=7d')) return route.continue()
    await new Promise((resolve) => (late = resolve))
    const reply = await route.fetch()
    await route.fulfill({ response: reply, json: { ...(await reply.json()), total_candidates: 777 } })
  })
  await page.getByLabel('Period').selectOption('7d')
  const last = page.waitForResponse((r) => r.url().includes('period=90d'))
  await page.getByLabel('Period').selectOption('90d')
  await last
  const first = page.waitForResponse((r) => r.url().includes('period=7d'))
  late()
  await first
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  check((await page.getByText('777').count()) === 0, 'the answer to an older question is shown')

  // An address that is none.
  await page.goto(`${base}/#/candidates/%`)
  await page.getByText('404').waitFor()

  // A line slower than the pace at which the log is followed.
  await page.clock.install()
  await visit('/account', 'Account')
  held = await hold(page, 'GET', '/api/v1/logs')
  await visit('/logs', 'Log')
  for (let i = 0; i < 5; i++) await page.clock.runFor(2100)
  await until(page, () => held.asked > 0, 'the log is asked for')
  check(held.asked === 1, `${held.asked} questions at once`)
  held.open()
  await row('logged in from').first().waitFor()
})

// Much happens in a moment, over a slow line: one question at a time, and the last one sees the last that happened.
await flow(async ({ page, base }) => {
  let socket
  await page.routeWebSocket(/\/ws\//, (ws) => (ws.connectToServer(), (socket = ws)))
  await login(page, username, password)
  await page.getByText('No candidates yet').waitFor()
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  await page.clock.install()
  const held = await hold(page, 'GET', '/api/v1/candidates')
  const happens = () => socket.send(JSON.stringify({ type: 'candidate.updated', data: { id: 1 } }))
  for (let i = 0; i < 3; i++) {
    happens()
    await page.evaluate(() => 0)
    await page.clock.runFor(1100)
  }
  check(held.asked <= 1, `${held.asked} questions at once`)
  held.open()
  const end = Date.now() + 30000
  while (held.asked < 2 && Date.now() < end) await page.clock.runFor(100)
  check(held.asked >= 2, 'what happened meanwhile is asked for')
  await page.goto(`${base}/#/account`)
})

// The server asks one of several uploads to wait: the others' ends do not send it meanwhile, and whoever logs in next sees nothing of it.
await flow(async ({ page, base }) => {
  await login(page, username, password)
  await page.getByText('No candidates yet').waitFor()
  await page.clock.install()
  let sent = 0
  await page.route('**/api/v1/candidates/upload', (route) => {
    if (!route.request().postDataBuffer()?.includes('grid.pdf')) return route.continue()
    sent++
    return route.fulfill({ status: 429, headers: { 'Retry-After': '30' }, json: { detail: 'Too many requests' } })
  })
  await page.getByLabel('Choose files').setInputFiles(['grid.pdf', 'two-columns.pdf', 'german.pdf', 'table.docx', 'french.docx'].map((name) => `${documents}/${name}`))
  const list = page.getByRole('region', { name: 'Uploads' })
  await page.waitForFunction(() => [...document.querySelectorAll('.state')].filter((s) => /Waiting to be read|Being read|^Read$/.test(s.textContent)).length >= 4)
  check(sent === 1, `sent ${sent} times before the time was over`)
  await page.clock.runFor(31000)
  await until(page, () => sent === 2, 'sent again when the time is over')
  await list.getByText('Waiting', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Log out' }).click()
  await page.getByLabel(/User name or e-mail/).fill('worker')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Candidates', exact: true }).waitFor()
  check((await list.count()) === 0, 'what somebody else uploads is seen')
  await page.clock.runFor(31000)
  check(sent === 2, 'it was sent as somebody else')
}, {}, ['status of 429'])

// A candidate changes while one looks on, and of two answers the older comes last.
await flow(async ({ page }) => {
  let socket
  await page.routeWebSocket(/\/ws\//, (ws) => (ws.connectToServer(), (socket = ws)))
  await login(page, username, password)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).click()
  await page.getByRole('button', { name: 'Correct: Name' }).waitFor()
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  const id = Number(page.url().split('/').at(-1))
  const answers = []
  await page.route(`**/api/v1/candidates/${id}`, async (route) => {
    const reply = await route.fetch()
    const name = `Answer ${answers.length + 1}`
    await new Promise((resolve) => answers.push(resolve))
    await route.fulfill({ response: reply, json: { ...(await reply.json()), name } })
  })
  for (const n of [1, 2]) {
    const asked = page.waitForRequest(`**/api/v1/candidates/${id}`)
    socket.send(JSON.stringify({ type: 'candidate.updated', data: { id } }))
    await asked
    for (let i = 0; answers.length < n && i < 1000; i++) await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  answers[1]()
  await page.getByRole('heading', { name: 'Answer 2' }).waitFor()
  const older = page.waitForResponse(`**/api/v1/candidates/${id}`)
  answers[0]()
  await older
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  check(await page.getByRole('heading', { name: 'Answer 2' }).isVisible(), 'the older answer is shown')
})

// The menu leads from the table as it was filtered to the whole table; the way back to where one was.
await flow(async ({ page }) => {
  await login(page, username, password)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  const words = page.getByRole('searchbox')
  await words.fill('weaver')
  await page.waitForFunction(() => location.hash === '#/?q=weaver')
  await page.getByText('0 candidates').waitFor()
  await page.getByRole('navigation').getByRole('link', { name: 'Candidates', exact: true }).click()
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  check((await words.inputValue()) === '', 'the filter stays though the address has none')
  await page.goBack()
  await page.getByText('0 candidates').waitFor()
  check((await words.inputValue()) === 'weaver', 'the way back leads to what was looked for')
})

// Two tabs keep searches: none takes the place of the other's.
await flow(async ({ page, context, base }) => {
  await login(page, username, password)
  const second = await context.newPage()
  await second.goto(`${base}/`)
  for (const tab of [page, second]) await tab.getByText('Saved searches').click()
  for (const [tab, name] of [[page, 'First'], [second, 'Second']]) {
    await tab.getByPlaceholder('Name of this search').fill(name)
    await tab.locator('details').getByRole('button', { name: 'Save' }).click()
    await tab.getByRole('button', { name, exact: true }).waitFor()
  }
  await second.getByRole('button', { name: 'First', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Delete: First' }).click()
  await page.getByRole('button', { name: 'Second', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  for (const name of ['First', 'Second']) await page.getByRole('button', { name, exact: true }).waitFor()
})

// The connection is away while a file is read, and back before the answer to its upload is there: what was not heard is asked for.
await flow(async ({ page }) => {
  const sockets = []
  await page.routeWebSocket(/\/ws\//, (ws) => {
    const server = ws.connectToServer()
    const deaf = sockets.length === 0
    server.onMessage((message) => deaf || ws.send(message))
    sockets.push(ws)
  })
  await login(page, username, password)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  let open
  const gate = new Promise((resolve) => (open = resolve))
  const arrived = new Promise((resolve) => {
    void page.route('**/api/v1/candidates/upload', async (route) => {
      // The browser does not tell what is in a file that it sends.
      const file = { name: 'link.pdf', mimeType: 'application/pdf', buffer: readFileSync(`${documents}/link.pdf`) }
      const headers = { Authorization: route.request().headers().authorization }
      const reply = await page.request.post(route.request().url(), { headers, multipart: { file } })
      resolve()
      await gate
      await route.fulfill({ response: reply })
    })
  })
  await page.getByLabel('Choose files').setInputFiles(`${documents}/link.pdf`)
  await arrived
  await sockets[0].close()
  await page.getByText('The connection is lost').waitFor({ state: 'detached' })
  // Read before the new connection, or after it: the table tells, which asks again for either.
  await page.getByRole('link', { name: 'Dermot Fitzwilliam' }).waitFor()
  open()
  await page.getByRole('region', { name: 'Uploads' }).getByText('Read', { exact: true }).waitFor()
})

// What the flows share: Debian's Chromium against a running server, whose address is the first argument. Each flow is a
// program: it ends with 0, or tells what it missed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const [, , base, screens] = process.argv
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

export function check(truth, what) {
  if (!truth) throw new Error(what)
}

/** What the browser itself writes to the console when the server is away. */
export const away = ['net::ERR_', 'WebSocket connection', '503']

/** Runs a flow in a fresh browser; complaints on the console (but those with a word of `expected`, or of page.expected), requests to other hosts and
    tokens in what the page stores fail it. another(): a page of somebody else's. */
export async function flow(run, options = {}, expected = []) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
  const complaints = []
  const watch = (page) => {
    page.expected = [...expected]
    page.on('console', (m) => {
      if (m.type() === 'error' && !page.expected.some((e) => m.text().includes(e))) complaints.push(`${m.text()} ${m.location().url}`)
    })
    page.on('pageerror', (e) => complaints.push(String(e)))
    page.on('request', (r) => {
      if (/^https?:/.test(r.url()) && new URL(r.url()).host !== new URL(base).host) complaints.push(`asked ${r.url()}`)
    })
  }
  const person = async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, locale: 'en-GB', ...options })
    context.on('page', watch)
    return context
  }
  try {
    const context = await person()
    const page = await context.newPage()
    await run({ page, context, browser, base, another: async () => (await person()).newPage() })
    for (const one of browser.contexts().flatMap((c) => c.pages()).filter((p) => p.url().startsWith('http'))) {
      const kept = await one.evaluate(() => JSON.stringify(localStorage) + JSON.stringify(sessionStorage))
      check(!kept.includes('eyJ'), 'a token is stored where scripts find it')
    }
    check(complaints.length === 0, `the console complained:\n${complaints.join('\n')}`)
  } finally {
    await browser.close()
  }
}

/** Logs in, and waits until the page to log in is gone. */
export async function login(page, username, password) {
  await page.goto(`${base}/`)
  await page.getByLabel(/User name or e-mail/).fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByLabel('Password').waitFor({ state: 'detached' })
}

/** WCAG 2.2 A and AA by axe-core, and a picture of the page if a folder for them was named. */
export async function inspect(page, name) {
  await page.evaluate(axe)
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
  const told = found.violations.map((v) => `${name}: ${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html.slice(0, 200)).join('\n  ')}`)
  check(told.length === 0, told.join('\n'))
  if (screens) await page.screenshot({ path: `${screens}/${name}.png` })
}

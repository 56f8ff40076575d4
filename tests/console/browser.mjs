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

/** Runs a flow in a fresh browser; complaints on the console and requests to other hosts fail it. */
export async function flow(run, options = {}) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
  const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints = []
  page.expected = []
  page.on('console', (m) => {
    if (m.type() === 'error' && !page.expected.some((e) => m.text().includes(e))) complaints.push(`${m.text()} ${m.location().url}`)
  })
  page.on('pageerror', (e) => complaints.push(String(e)))
  page.on('request', (r) => {
    if (!/^(data|blob):/.test(r.url()) && new URL(r.url()).host !== new URL(base).host) complaints.push(`asked ${r.url()}`)
  })
  try {
    await run({ page, context, base })
    check(complaints.length === 0, `the console complained:\n${complaints.join('\n')}`)
  } finally {
    await browser.close()
  }
}

export async function login(page, username, password) {
  await page.goto(`${base}/`)
  await page.getByLabel(/User name or e-mail/).fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
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

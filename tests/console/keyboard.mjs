// A recruiter without a mouse: login, search, one candidate, a value lit up and corrected, a menu, logout; Tab, arrows and Enter only.
import { check, flow } from './browser.mjs'

const [, , , , , username, password] = process.argv

await flow(async ({ page, base }) => {
  const focused = () => page.evaluate(() => {
    const e = document.activeElement
    return `${e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent}`.trim()
  })
  /** Tabs on until what has the focus is called that; each stop must be visible. */
  const to = async (name, key = 'Tab') => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press(key)
      const at = await focused()
      if (typeof name === 'string' ? at === name : name.test(at)) {
        check(await page.evaluate(() => {
          const style = getComputedStyle(document.activeElement)
          return document.activeElement.tagName === 'MAIN' || style.outlineStyle !== 'none' || style.boxShadow !== 'none'
        }), `${at}: the focus is not to be seen`)
        return
      }
    }
    throw new Error(`${name} cannot be reached by ${key}`)
  }
  const press = (key) => page.keyboard.press(key)

  await page.goto(`${base}/`)
  await page.getByLabel('Password').waitFor()
  await to(/User name/)
  await page.keyboard.type(username)
  await to('Password')
  await page.keyboard.type(password)
  await press('Enter')
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()

  await to('Skip to the content')
  await press('Enter')
  await to('Search')
  await page.keyboard.type('kubernetes')
  await page.locator('mark').first().waitFor()
  await to('Tobias Lindqvist')
  await press('Enter')
  await page.locator('canvas').first().waitFor()
  await to('t.lindqvist@example.org')
  await press('Enter')
  await page.locator('.box').waitFor()
  await to('Correct: E-mail')
  await press('Enter')
  await page.locator('form input:focus').waitFor() // with the value selected, ready to be typed over
  await page.keyboard.type('tobias@example.org')
  await press('Enter')
  await page.getByRole('button', { name: 'tobias@example.org' }).waitFor()
  check(await focused() === 'Correct: E-mail', 'the focus is back where editing began')

  await to('Delete', 'Shift+Tab')
  await press('Enter')
  await page.getByRole('dialog').waitFor()
  await press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  check(await focused() === 'Delete', 'the focus is back where the dialog was opened')

  await to('Log', 'Shift+Tab')
  await press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Log', exact: true }).waitFor()
  await to('Log out', 'Shift+Tab')
  await press('Enter')
  await page.getByRole('heading', { name: 'Log in to vitae' }).waitFor()
})

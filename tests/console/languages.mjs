// The pages in every language, chosen by the browser's own and by the reader, who finds the choice again.
import { check, flow, inspect, login } from './browser.mjs'

const [, , , , , username, password] = process.argv
const words = {
  de: ['Bewerbungen', 'Meine Lebensläufe'], fr: ['Candidatures', 'Mes CV'], es: ['Candidaturas', 'Mis currículos'], en: ['Applications', 'My résumés']
}

await flow(async ({ page, base }) => {
  await login(page, username, password)
  for (const [language, [applications, resumes]] of Object.entries(words)) {
    await page.goto(`${base}/#/account`)
    await page.locator(`option[value=${language}]`).waitFor({ state: 'attached' })
    await page.locator('select').filter({ has: page.locator('option[lang]') }).selectOption(language)
    await page.getByRole('link', { name: resumes }).waitFor()
    await page.goto(`${base}/#/applications`)
    await page.reload()
    await page.getByRole('heading', { level: 1, name: applications, exact: true }).waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    check(await page.evaluate(() => document.documentElement.lang) === language, `the page says that it is ${language}`)
    await inspect(page, `applications-${language}`)
    for (const path of ['interviews', 'backups', 'cleanup']) {
      await page.goto(`${base}/#/${path}`)
      await page.waitForFunction((wanted) => location.hash === `#/${wanted}` && document.querySelector('main h1'), path)
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
      await inspect(page, `${path}-${language}`)
    }
  }
})

await flow(async ({ page, base }) => {
  await page.goto(`${base}/`)
  await page.getByRole('button', { name: 'Anmelden', exact: true }).waitFor()
  await inspect(page, 'login-de')
}, { locale: 'de-AT' })

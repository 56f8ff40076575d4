// The words of the pages in the reader's language. English is built in; any other is fetched when it is asked for.
import { en, type Key } from '../locales/en'

export const languages = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' } as const
export type Language = keyof typeof languages
type Words = Record<Key, string>

const load: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  de: async () => (await import('../locales/de')).de,
  fr: async () => (await import('../locales/fr')).fr,
  es: async () => (await import('../locales/es')).es
}

let words = $state.raw<Words>(en)
let current = $state<Language>('en')

function preferred(): Language {
  const kept = localStorage.getItem('language')
  for (const name of [kept, ...navigator.languages]) {
    const short = name?.slice(0, 2)
    if (short && short in languages) return short as Language
  }
  return 'en'
}

export async function speak(language: Language = preferred()): Promise<void> {
  words = await load[language]()
  current = language
  document.documentElement.lang = language
}

/** Changes the language of the pages, and keeps the choice on this machine. */
export async function choose(language: Language): Promise<void> {
  localStorage.setItem('language', language)
  await speak(language)
}

export function language(): Language {
  return current
}

/** The sentence of that key; {names} in it are replaced. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export function date(iso: string | null | undefined): string {
  return iso ? new Intl.DateTimeFormat(current, { dateStyle: 'medium' }).format(new Date(iso)) : '–'
}

export function time(iso: string | null | undefined): string {
  return iso ? new Intl.DateTimeFormat(current, { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(iso)) : '–'
}

export function number(n: number): string {
  return new Intl.NumberFormat(current).format(n)
}

export function bytes(n: number): string {
  const unit = n < 1e6 ? 'kilobyte' : 'megabyte'
  return new Intl.NumberFormat(current, { style: 'unit', unit, maximumFractionDigits: 1 }).format(n / (n < 1e6 ? 1e3 : 1e6))
}

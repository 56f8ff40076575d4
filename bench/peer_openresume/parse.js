// A peer of bench/parsers.py: OpenResume's own parser (npm's open-resume) with the pdf.js of its time, over the PDFs named. One JSON object a
// line: file, name, email, phone, skills, error. OpenResume leaves the lines of a section of skills whole; they are cut at commas and their
// headings dropped here, in its favour.
import { readFileSync } from 'node:fs'
import { parseResumeFromPdf } from 'lib/parse-resume-from-pdf'

function skillsOf ({ featuredSkills, descriptions }) {
  const lines = descriptions.map(line => line.replace(/^[^:,]{1,40}:/, '')).flatMap(line => line.split(/[,;|•·]/))
  return [...featuredSkills.map(featured => featured.skill), ...lines].map(skill => skill.trim()).filter(Boolean)
}

async function read (file) {
  try {
    const { profile, skills } = await parseResumeFromPdf({ data: new Uint8Array(readFileSync(file)), verbosity: 0 })
    return { file, name: profile.name, email: profile.email, phone: profile.phone, skills: skillsOf(skills), error: null }
  } catch (error) {
    return { file, error: String(error) }
  }
}

async function main () {
  for (const file of process.argv.slice(2)) console.log(JSON.stringify(await read(file)))
}

main()

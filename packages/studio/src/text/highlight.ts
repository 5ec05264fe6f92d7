import type { Element, Root } from 'hast'
import bash from 'highlight.js/lib/languages/bash'
import css from 'highlight.js/lib/languages/css'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import { createLowlight } from 'lowlight'
import { visit } from 'unist-util-visit'

const lowlight = createLowlight({ bash, css, javascript, json, python, sql, typescript, xml })

/** A rehype plugin that colours code blocks of the languages above; others stay as they are. */
export function highlightCode() {
  return (tree: Root) => {
    visit(tree, 'element', (node: Element) => {
      const language = node.tagName === 'code' && languageOf(node)
      const [text] = node.children
      if (!language || text?.type !== 'text' || !lowlight.registered(language)) return
      node.children = lowlight.highlight(language, text.value).children as Element['children']
    })
  }
}

function languageOf({ properties }: Element): string | undefined {
  const names = Array.isArray(properties.className) ? properties.className : []
  return names
    .map(String)
    .find((name) => name.startsWith('language-'))
    ?.slice('language-'.length)
}

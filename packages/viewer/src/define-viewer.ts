import { createViewer, type Viewer } from './viewer.ts'
import type { GetToken, ViewerElement } from './viewer-element.ts'

/** Registers `<indelible-viewer>`, once. Does nothing where there are no custom elements. */
export function defineViewer(): void {
  const name = 'indelible-viewer'
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return
  customElements.define(name, createViewerClass())
}

const attributes = ['url', 'token', 'theme', 'query', 'style', 'class']
const properties = ['url', 'token', 'theme', 'query', 'getToken'] as const

/** It fills its box, and is not lost in a box without a height. */
const rules =
  ':host { display: block; position: relative; height: 100%; min-height: 24rem } ' +
  ':host([hidden]) { display: none }'

/** In a function: on a server there is no HTMLElement to extend. */
const createViewerClass = (): CustomElementConstructor =>
  class extends HTMLElement implements ViewerElement {
    static readonly observedAttributes = attributes
    /** Not `isConnected`: that holds already while attributes of the markup are told one by one. */
    #isPlaced = false
    /** While the element is in a document, and has a `url`. */
    #viewer: Viewer | undefined
    #token: string | undefined
    #getToken: GetToken | undefined

    constructor() {
      super()
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(rules)
      this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet]
    }

    get url() {
      return this.getAttribute('url') ?? ''
    }
    set url(url) {
      this.setAttribute('url', url)
    }
    get theme() {
      return this.getAttribute('theme') ?? 'auto'
    }
    set theme(theme) {
      this.setAttribute('theme', theme)
    }
    get query() {
      return this.getAttribute('query') ?? ''
    }
    set query(query) {
      this.setAttribute('query', query)
    }
    /** As a property it stands in no markup. */
    get token() {
      return this.#token ?? this.getAttribute('token') ?? ''
    }
    set token(token) {
      this.#token = token
      this.#viewer?.tellToken()
    }
    get getToken() {
      return this.#getToken
    }
    set getToken(getToken) {
      this.#getToken = getToken
      if (this.token === '') this.#viewer?.tellToken()
    }

    connectedCallback() {
      for (const name of properties) this.#takeUp(name)
      this.#isPlaced = true
      this.#open()
    }

    disconnectedCallback() {
      this.#isPlaced = false
      this.#close()
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null) {
      if (before === after) return
      if (name === 'token') this.token = after ?? ''
      else if (name === 'query') this.#viewer?.tellQuery()
      else if (name !== 'url') this.#viewer?.tellTheme()
      else if (this.#isPlaced) {
        this.#close()
        this.#open()
      }
    }

    #open() {
      if (this.url !== '') this.#viewer = createViewer(this)
    }

    #close() {
      this.#viewer?.close()
      this.#viewer = undefined
    }

    /** What was set before the element was defined hides the accessor of the same name. */
    #takeUp(name: (typeof properties)[number]) {
      if (!Object.hasOwn(this, name)) return
      const value: unknown = Reflect.get(this, name)
      Reflect.deleteProperty(this, name)
      Reflect.set(this, name, value)
    }
  }

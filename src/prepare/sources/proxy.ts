import { HearError } from '../../base/errors.js'

/** Which proxy leads to an address; undefined where it is reached directly. */
export type ProxyFor = (url: URL) => URL | undefined

/**
 * Reads the usual environment variables: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` (host names and
 * their ends, `*` for all), in lower or upper case. Upper-case HTTP_PROXY is not looked at: a web server may have
 * set it from a request's header.
 *
 * @throws HearError (when an address is asked for) for a proxy that is not spoken to over http
 */
export function proxyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): ProxyFor {
  const read = (name: string) =>
    environment[name] || (name === 'http_proxy' ? undefined : environment[name.toUpperCase()]) || undefined
  const direct = (read('no_proxy') ?? '')
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    )
    .filter((entry) => entry !== '')
  return (url) => {
    const host = url.hostname.toLowerCase()
    if (direct.some((entry) => entry === '*' || host === entry || host.endsWith(`.${entry}`)))
      return undefined
    const proxy = read(`${url.protocol.slice(0, -1)}_proxy`) ?? read('all_proxy')
    if (proxy === undefined) return undefined
    const address = proxy.includes('://') ? proxy : `http://${proxy}`
    if (URL.canParse(address) && new URL(address).protocol === 'http:') return new URL(address)
    throw new HearError(
      'source/bad-proxy',
      `The proxy "${proxy}" in the environment is no http:// address.`,
      {
        hint: 'Set http_proxy and https_proxy to http://host:port, or unset them.',
      },
    )
  }
}

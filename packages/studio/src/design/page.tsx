import { type ReactNode, useEffect } from 'react'
import { NavLink } from 'react-router'

/** A page's frame: its name, a sentence about it, and what can be done with it. */
export function Page({
  title,
  kicker,
  lede,
  actions,
  children,
}: {
  title: string
  kicker?: ReactNode
  lede?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  useTitle(title)
  return (
    <div className="page">
      <header className="page-head">
        <div>
          {kicker && <p className="kicker">{kicker}</p>}
          <h1>{title}</h1>
          {lede && <div className="lede">{lede}</div>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** The document's title, read when a page opens. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = title === 'Attune' ? title : `${title} · Attune`
  }, [title])
}

/** Links between the parts of one thing. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly (readonly [to: string, name: string])[]
}) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(([to, name]) => (
        <NavLink key={to} to={to} end>
          {name}
        </NavLink>
      ))}
    </nav>
  )
}

/** A titled part of a page. */
export function Section({
  title,
  lede,
  actions,
  children,
}: {
  title: string
  lede?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="section">
      <div className="row spread">
        <h2>{title}</h2>
        {actions && <div className="row">{actions}</div>}
      </div>
      {lede && <p className="lede">{lede}</p>}
      {children}
    </section>
  )
}

/** Numbers with their names, in a row under one line. */
export function Figures({
  figures,
}: {
  figures: readonly { name: string; value: ReactNode; note?: ReactNode }[]
}) {
  return (
    <dl className="figures">
      {figures.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figure">{value}</dd>
          {note && <dd className="note">{note}</dd>}
        </div>
      ))}
    </dl>
  )
}

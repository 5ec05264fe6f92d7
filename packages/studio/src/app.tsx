import { QueryClient, QueryClientProvider, useQueryClient } from '@tanstack/react-query'
import { lazy } from 'react'
import { Outlet, Route, Routes, useLocation, useNavigate } from 'react-router'
import type { Client } from './api/client.ts'
import { ClientProvider } from './api/context.tsx'
import { useLiveLists } from './api/events.ts'
import { ButtonLink } from './design/button.tsx'
import { ErrorBoundary } from './design/error-boundary.tsx'
import { Page } from './design/page.tsx'
import { ToastProvider } from './design/toast.tsx'
import { KeyboardProvider } from './keyboard/keyboard.tsx'
import { OutboxProvider } from './label/outbox-context.tsx'
import { ExportPage } from './manage/export-page.tsx'
import { KnownAnswersPage } from './manage/known-answers-page.tsx'
import { NewProjectPage } from './manage/new-project-page.tsx'
import { OrderPage } from './manage/order-page.tsx'
import { PeoplePage } from './manage/people-page.tsx'
import { Overview, ProjectPage } from './manage/project-page.tsx'
import { ProjectsPage } from './manage/projects-page.tsx'
import { ProtocolPage } from './manage/protocol-page.tsx'
import { SettingsPage } from './settings/settings-page.tsx'
import { Frame } from './shell/frame.tsx'
import { LoginForm, LoginPage } from './shell/login-page.tsx'
import { SessionProvider } from './shell/session.tsx'
import { ModelsPage } from './watch/models-page.tsx'
import { NewRunPage } from './watch/new-run-page.tsx'
import { RunPage } from './watch/run-page.tsx'
import { RunsPage } from './watch/runs-page.tsx'

const LabelPage = lazy(async () => ({ default: (await import('./label/label-page.tsx')).LabelPage }))
const AgreementPage = lazy(async () => ({
  default: (await import('./manage/agreement-page.tsx')).AgreementPage,
}))
const ChatPage = lazy(async () => ({ default: (await import('./talk/chat-page.tsx')).ChatPage }))
const ArenaPage = lazy(async () => ({ default: (await import('./talk/arena-page.tsx')).ArenaPage }))

/** The studio, over a client that calls the server; a router is around it. */
export function App({ client, queries = newQueries() }: { client: Client; queries?: QueryClient }) {
  return (
    <ErrorBoundary place="">
      <ClientProvider client={client}>
        <QueryClientProvider client={queries}>
          <KeyboardProvider>
            <ToastProvider>
              <SessionProvider login={<LoginPage />}>
                <OutboxProvider>
                  <Routes>
                    <Route element={<Framed />}>
                      <Route index element={<ProjectsPage />} />
                      <Route path="projects/new" element={<NewProjectPage />} />
                      <Route path="projects/:id/label" element={<LabelPage />} />
                      <Route path="projects/:id" element={<ProjectPage />}>
                        <Route index element={<Overview />} />
                        <Route path="agreement" element={<AgreementPage />} />
                        <Route path="people" element={<PeoplePage />} />
                        <Route path="export" element={<ExportPage />} />
                        <Route path="known" element={<KnownAnswersPage />} />
                        <Route path="order" element={<OrderPage />} />
                        <Route path="protocol" element={<ProtocolPage />} />
                      </Route>
                      <Route path="runs" element={<RunsPage />} />
                      <Route path="runs/new" element={<NewRunPage />} />
                      <Route path="runs/:name" element={<RunPage />} />
                      <Route path="chat" element={<ChatPage />} />
                      <Route path="arena" element={<ArenaPage />} />
                      <Route path="models" element={<ModelsPage />} />
                      <Route path="login" element={<ChangePerson />} />
                      <Route path="settings" element={<SettingsPage />} />
                      <Route path="*" element={<NotFound />} />
                    </Route>
                  </Routes>
                </OutboxProvider>
              </SessionProvider>
            </ToastProvider>
          </KeyboardProvider>
        </QueryClientProvider>
      </ClientProvider>
    </ErrorBoundary>
  )
}

/** Reads are kept fresh by events and by coming back to the page; a refusal is not asked again. */
export function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5000, retry: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
}

function Framed() {
  useLiveLists()
  const { pathname } = useLocation()
  const queries = useQueryClient()
  const forget = () => queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  return (
    <Frame>
      <ErrorBoundary place={pathname} forget={forget}>
        <Outlet />
      </ErrorBoundary>
    </Frame>
  )
}

function ChangePerson() {
  const navigate = useNavigate()
  return <LoginForm done={() => void navigate('/')} />
}

function NotFound() {
  return (
    <Page title="There is no such page" lede="The address may be old.">
      <ButtonLink to="/" kind="primary">
        To the projects
      </ButtonLink>
    </Page>
  )
}

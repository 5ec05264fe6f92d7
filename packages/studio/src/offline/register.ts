/** Has the browser keep the studio's files for times without a network; where it cannot, everything else works. */
export function keepFiles(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.register('/service-worker.js').catch(() => {})
}

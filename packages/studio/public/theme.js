// Runs before the first paint, so that a chosen theme never flashes.
const chosen = localStorage.getItem('attune.theme')
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen

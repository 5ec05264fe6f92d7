export * from '@attune/grad'

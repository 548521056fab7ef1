/** The head of the first page; below it stands the map of the documents. */
export const home = {
  layout: 'home',
  hero: {
    name: 'Indelible',
    text: 'The audit log you can prove',
    tagline:
      'One command to run it. Who did what, in gapless order, for good; and anybody can check it.',
    actions: [
      { theme: 'brand', text: 'Your first trail', link: '/tutorials/first-trail' },
      { theme: 'alt', text: 'Overview', link: '/overview' },
    ],
  },
  features: [
    {
      title: 'Learn',
      details: 'From nothing to a proved entry in ten minutes, each command as you type it.',
      link: '/tutorials/first-trail',
    },
    {
      title: 'Do',
      details: 'Send from your application or from what you have; look, prove, run, back up.',
      link: '/how-to/client',
    },
    {
      title: 'Understand',
      details: 'What it holds against and what not, and what an acknowledgement is worth.',
      link: '/explanation/threat-model',
    },
    {
      title: 'Look up',
      details: 'Settings, commands, API, search grammar, problems, formats.',
      link: '/reference/settings',
    },
  ],
}

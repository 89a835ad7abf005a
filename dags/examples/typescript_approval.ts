// People in the loop: an approval, a choice of the way, and a question with a form.
import { AwaitInput, chain, dag } from '@dagmesh/sdk';

dag('typescript_approval', { tags: ['example'] }, (d) => {
  const approve = d.approval('approve', {
    subject: 'Publish the figures?',
    body: 'Rejecting skips everything that follows.',
    timeout: '1d',
    defaults: ['Reject'],
  });
  const where = d.humanBranch('where', {
    subject: 'Where to?',
    options: ['Website', 'Newsletter'],
    branches: { Website: 'website', Newsletter: 'newsletter' },
    isMultiple: true,
  });
  const greet = d.task('greet', ({ resume }) => {
    if (resume?.response === undefined) {
      const form = { type: 'object', properties: { greeting: { type: 'string' } } };
      throw new AwaitInput({ subject: 'What do we say?', form, formDefaults: { greeting: 'Hi' } });
    }
    return `${String(resume.response.params.greeting)}, says ${resume.response.respondedBy}`;
  });
  chain(approve, where, [d.emptyTask('website'), d.emptyTask('newsletter')]);
  chain(approve, greet);
});

// Deferral: a task starts something slow, gives its slot back, and goes on when it is done.
import { DeferTask, dag, FailTask, trigger } from '@dagmesh/sdk';

dag('typescript_deferral', { tags: ['example'] }, (d) => {
  d.task('slow_job', { retries: 1 }, async ({ resume, log }) => {
    if (resume === undefined) {
      log.info('job 7 was started; nobody waits for it on this worker');
      throw new DeferTask({
        trigger: trigger.after('3s'),
        timeout: '1m',
        method: 'collect',
        state: { job: 7 },
      });
    }
    if (resume.error !== undefined) throw new FailTask(`the job was lost: ${resume.error}`);
    log.info('going on with', resume.method, resume.state);
    return 'the result of the job';
  });
});

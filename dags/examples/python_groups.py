"""Task groups: two teams of tasks, one inside the other, with labelled arrows between them."""

from dagmesh import Label, TaskGroup, chain, dag, empty, task, task_group


@dag(schedule=None, tags=['example'])
def python_groups():
    @task
    def count(rows):
        return len(rows)

    @task_group(default_args={'retries': 2})
    def load(rows):
        """Counts the rows, and checks them meanwhile."""
        with TaskGroup('checks', tooltip='nothing is lost, nothing is doubled'):
            empty('complete') >> empty('unique')
        count(rows)

    @task
    def extract():
        return [1, 2, 3]

    rows = extract()
    loaded = load(rows)
    rows >> Label('all rows') >> loaded
    chain(loaded, empty('done'))


python_groups()

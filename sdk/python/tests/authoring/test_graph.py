"""Groups, labels, setups and teardowns: which edges their arrows make."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase

IMPORTS = """from dagmesh import DAG, Label, TaskGroup, chain, chain_linear, empty
from dagmesh import setup, task, task_group, teardown
"""


def edges_of(spec):
    return {each.task_id: set(each.upstream_task_ids) for each in spec.tasks}


class GroupTest(AuthoringCase):
    def only(self, text, dag_id='d'):
        return self.specs(IMPORTS + text)[dag_id]

    def test_arrows_meet_the_first_and_last_tasks_of_a_group(self):
        spec = self.only("""
with DAG('d'):
    start, end = empty('start'), empty('end')
    with TaskGroup('g') as g:
        a, b, c = map(empty, 'abc')
        a >> [b, c]
        with TaskGroup('inner'):
            empty('x') >> empty('y')
    start >> g >> end
""")
        edges = edges_of(spec)
        self.assertEqual(edges['g.a'], {'start'})
        self.assertEqual(edges['g.inner.x'], {'start'})
        self.assertEqual(edges['g.b'], {'g.a'})
        self.assertEqual(edges['end'], {'g.b', 'g.c', 'g.inner.y'})
        groups = {
            each.group_id: (each.parent_group_id, each.has_prefix) for each in spec.task_groups
        }
        self.assertEqual(groups, {'g': ('', True), 'g.inner': ('g', True)})
        owners = {each.task_id: each.task_group_id for each in spec.tasks}
        self.assertEqual(owners['g.inner.x'], 'g.inner')

    def test_a_group_without_prefix_leaves_ids_alone(self):
        spec = self.only("""
with DAG('d'):
    with TaskGroup('outer'):
        with TaskGroup('bare', prefix_group_id=False):
            empty('x')
            with TaskGroup('deep'):
                empty('y')
""")
        self.assertEqual([each.task_id for each in spec.tasks], ['x', 'deep.y'])
        ids = [(each.group_id, each.has_prefix) for each in spec.task_groups]
        self.assertEqual(ids, [('outer', True), ('outer.bare', False), ('deep', True)])

    def test_a_group_function_called_again_is_numbered_and_shares_its_defaults(self):
        spec = self.only("""
@task
def step(): ...

@task_group(default_args={'retries': 3, 'queue': 'extra'})
def load():
    "Loads."
    step()
    step.override(retries=1)()

with DAG('d', default_args={'retries': 2, 'pool': 'p'}):
    load() >> load.override(group_id='again')() >> load()
""")
        self.assertEqual([each.group_id for each in spec.task_groups], ['load', 'again', 'load__1'])
        self.assertEqual(spec.task_groups[0].tooltip, 'Loads.')
        first = [(each.task_id, each.retry.retries, each.pool) for each in spec.tasks[:2]]
        self.assertEqual(first, [('load.step', 3, 'p'), ('load.step__1', 1, 'p')])
        self.assertEqual(edges_of(spec)['again.step'], {'load.step', 'load.step__1'})

    def test_labels_stand_on_the_edges_they_are_put_on(self):
        spec = self.only("""
with DAG('d'):
    a, b, c, d = map(empty, 'abcd')
    a >> Label('yes') >> [b, c]
    [b, c] >> Label('both') >> d
    d << Label('also') << a
""")
        labels = {
            (each.upstream_task_id, each.downstream_task_id): each.label
            for each in spec.edge_labels
        }
        expected = {('a', 'b'): 'yes', ('a', 'c'): 'yes', ('b', 'd'): 'both', ('c', 'd'): 'both'}
        self.assertEqual(labels, {**expected, ('a', 'd'): 'also'})
        self.assertEqual(edges_of(spec)['d'], {'a', 'b', 'c'})

    def test_chain_pairs_lists_and_chain_linear_crosses_them(self):
        text = """
with DAG('{0}'):
    a, b, c, d = map(empty, 'abcd')
    with TaskGroup('g') as g:
        empty('x')
    {0}([a, b], [c, d], g)
"""
        specs = self.specs(IMPORTS + text.format('chain') + text.format('chain_linear'))
        self.assertEqual(edges_of(specs['chain'])['c'], {'a'})
        self.assertEqual(edges_of(specs['chain_linear'])['c'], {'a', 'b'})
        for spec in specs.values():
            self.assertEqual(edges_of(spec)['g.x'], {'c', 'd'})


class SetupTeardownTest(AuthoringCase):
    def only(self, body):
        indented = '\n'.join(f'    {line}' for line in body.strip().splitlines())
        head = """
@setup
def up(): ...

@teardown(on_failure_fail_dagrun=True)
def down(): ...

@task
def work(): ...

with DAG('d'):
"""
        return self.specs(IMPORTS + head + indented + '\n')['d']

    def test_decorators_say_what_tasks_are(self):
        spec = self.only('s, w, t = up(), work(), down()\ns >> w >> t')
        up, work, down = spec.tasks
        self.assertEqual((up.is_setup, work.is_setup, down.is_teardown), (True, False, True))
        self.assertTrue(down.on_failure_fail_dagrun)
        self.assertEqual(down.trigger_rule, 5)

    def test_as_teardown_makes_setups_and_their_edge(self):
        spec = self.only("""
s, t = empty('s'), empty('t')
t.as_teardown(setups=[s])
""")
        before, after = spec.tasks
        self.assertEqual((before.is_setup, after.is_teardown), (True, True))
        self.assertEqual(list(after.upstream_task_ids), ['s'])
        self.assertFalse(after.on_failure_fail_dagrun)

    def test_a_scope_stands_between_its_setups_and_its_teardown(self):
        spec = self.only("""
s = up()
with down().as_teardown(setups=s):
    work() >> work()
    work()
""")
        edges = edges_of(spec)
        self.assertEqual(edges['work'], {'up'})
        self.assertEqual(edges['work__1'], {'work'})
        self.assertEqual(edges['work__2'], {'up'})
        self.assertEqual(edges['down'], {'up', 'work__1', 'work__2'})

    def test_a_scope_of_a_setup_ends_at_its_teardowns(self):
        spec = self.only("""
s = up()
s >> down()
with s:
    work()
""")
        self.assertEqual(edges_of(spec), {'up': set(), 'down': {'up', 'work'}, 'work': {'up'}})

    def test_arrows_from_a_group_leave_its_teardowns_out(self):
        spec = self.only("""
with TaskGroup('g') as g:
    s, w, t = up(), work(), down()
    s >> w >> t
    s >> t
with TaskGroup('idle') as idle:
    s2, t2 = up(), down()
    s2 >> t2
    alone = work()
[g, idle] >> empty('end')
""")
        self.assertEqual(edges_of(spec)['end'], {'g.work', 'idle.work'})


class GraphMistakeTest(AuthoringCase):
    def test_each_mistake_is_told(self):
        head = IMPORTS + '@task\ndef one(x=1): return x\n\nwith DAG("d"):\n'
        mistakes = [
            ('  empty("a") >> Label("x") >> Label("y")\n', 'there must be a task'),
            ('  TaskGroup("g") >> empty("a")\n', "the group 'g' has no tasks yet"),
            ('  TaskGroup("g")\n  empty("g")\n', "already has a group 'g'"),
            ('  empty("a", trigger_rule="always").as_teardown()\n', 'a trigger_rule of its own'),
            ('  with empty("a"):\n    pass\n', 'it has no scope'),
            ('  chain_linear(empty("a"))\n', 'two steps or more'),
            ('  chain([empty("a")], [empty("b"), empty("c")])\n', 'cannot pair 1 tasks with 2'),
            ('  task_group(colour="red")(one.function)\n', "a group has no option 'colour'"),
        ]
        for text, cause in mistakes:
            with self.subTest(text):
                self.assertIn(cause, self.error(head + text))

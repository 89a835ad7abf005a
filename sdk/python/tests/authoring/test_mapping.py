"""Dynamic mapping: what a DAG says about it, and what it may not say."""

from __future__ import annotations

from tests.authoring.case import AuthoringCase
from tests.plain import plain

HEAD = """
from dagmesh import DAG, TaskGroup, task, task_group

@task
def items(): ...

@task
def add(a, b=0, c=0): ...

def double(x): return 2 * x
"""


class MappingTest(AuthoringCase):
    def tasks(self, body):
        indented = '\n'.join(f'    {line}' for line in body.strip().splitlines())
        spec = self.specs(f"{HEAD}\nwith DAG('d'):\n{indented}\n")['d']
        return {each.task_id: each for each in spec.tasks}

    def mapping(self, body):
        return plain(self.tasks(body)['add'].mapping)

    def test_expand_combines_arguments_in_their_order(self):
        mapped = self.tasks('add.partial(c=3).expand(b=[1, 2], a=items())')['add']
        arguments = [
            {'name': 'b', 'source': {'value_json': '[1, 2]'}},
            {'name': 'a', 'source': {'task_id': 'items'}},
        ]
        self.assertEqual(plain(mapped.mapping), {'product': {'arguments': arguments}})
        self.assertEqual(
            [plain(each) for each in mapped.inputs], [{'name': 'c', 'value_json': '3'}]
        )
        self.assertEqual(list(mapped.upstream_task_ids), ['items'])

    def test_a_dict_and_an_empty_list_can_be_mapped_over(self):
        [argument] = self.mapping("add.expand(a={'x': 1})")['product']['arguments']
        self.assertEqual(argument['source'], {'value_json': '{"x": 1}'})
        [argument] = self.mapping('add.expand(a=[])')['product']['arguments']
        self.assertEqual(argument['source'], {'value_json': '[]'})

    def test_expand_kwargs_takes_dicts_or_an_output(self):
        self.assertEqual(
            self.mapping("add.partial(b=1).expand_kwargs([{'a': 1}, {'a': 2, 'c': 3}])"),
            {'kwargs': {'value_json': '[{"a": 1}, {"a": 2, "c": 3}]'}},
        )
        mapped = self.mapping('add.expand_kwargs(items().map(double))')
        source = {'source': {'task_id': 'items'}, 'handler': 'file.py:double'}
        self.assertEqual(mapped, {'kwargs': {'map': source}})

    def test_zip_concat_and_map_are_written_as_they_are_nested(self):
        mapped = self.mapping("""
first, second = items(), items()
zipped = first.map(lambda x: x + 1).zip(second, [7, 8], fillvalue=None)
add.expand(a=zipped.concat(first.output.concat(second)).map(lambda x: x))
""")
        [argument] = mapped['product']['arguments']
        outer = argument['source']['map']
        self.assertEqual(outer['handler'], 'file.py:d.add#map.1')
        zipped, joined = outer['source']['concat']['sources']
        inner = {'source': {'task_id': 'items'}, 'handler': 'file.py:d.add#map.0'}
        sources = [{'map': inner}, {'task_id': 'items__1'}, {'value_json': '[7, 8]'}]
        self.assertEqual(zipped, {'zip': {'sources': sources, 'fill_json': 'null'}})
        both = [{'task_id': 'items'}, {'task_id': 'items__1'}]
        self.assertEqual(joined, {'concat': {'sources': both}})

    def test_the_outputs_of_a_mapped_task_are_one_list(self):
        tasks = self.tasks('add(add.override(task_id="many").expand(a=[1, 2]))')
        self.assertEqual(
            [plain(each)['xcom'] for each in tasks['add'].inputs], [{'task_id': 'many'}]
        )

    def test_tasks_of_other_languages_can_be_mapped(self):
        tasks = self.tasks("task.external('x.ts:add', task_id='add').partial(b=1).expand(a=[1])")
        self.assertEqual(tasks['add'].queue, 'default')
        self.assertTrue(tasks['add'].HasField('mapping'))

    def test_a_mapped_group_hands_its_arguments_to_its_tasks(self):
        spec = self.specs(
            HEAD
            + """
with DAG('d'):
    @task_group
    def shop(name, year):
        first = add(name, b=year)
        add.override(task_id='next')(first)

    shop.partial(year=2026).expand(name=items()) >> items.override(task_id='end')()
"""
        )['d']
        tasks = {each.task_id: each for each in spec.tasks}
        [group] = spec.task_groups
        arguments = [{'name': 'name', 'source': {'task_id': 'items'}}]
        self.assertEqual(plain(group.mapping), {'product': {'arguments': arguments}})
        given = [plain(each) for each in tasks['shop.add'].inputs]
        argument = {'group_id': 'shop', 'name': 'name'}
        expected = [
            {'name': 'a', 'group_argument': argument},
            {'name': 'b', 'value_json': '2026'},
        ]
        self.assertEqual(given, expected)
        self.assertEqual(list(tasks['shop.add'].upstream_task_ids), ['items'])
        self.assertEqual(list(tasks['end'].upstream_task_ids), ['shop.next'])

    def test_a_group_mapped_over_keyword_arguments_gets_all_of_them(self):
        spec = self.specs(
            HEAD
            + """
with DAG('d'):
    @task_group
    def shop(a, b):
        add(a, b)

    shop.expand_kwargs([{'a': 1, 'b': 2}])
"""
        )['d']
        names = [each.group_argument.name for each in spec.tasks[0].inputs]
        self.assertEqual(names, ['a', 'b'])

    def test_each_mistake_is_told(self):
        mistakes = [
            ('add.partial(a=1).expand(a=[1])', "'a' both by partial and by expand"),
            ("add.partial(a=1).expand_kwargs([{'a': 1}])", "'a' both by partial and by expand"),
            ('add.expand()', 'needs an argument to map over'),
            ('add.expand(z=[1])', "unexpected keyword argument 'z'"),
            ('add.expand(b=[1])', "add needs the argument 'a'"),
            ('add.expand(a={1, 2})', 'it is a set'),
            ('add.expand(a="text")', 'it is a str'),
            ('add.expand(a=double)', 'it is a function'),
            ('add.expand(a=None)', 'it is a NoneType'),
            ('add.expand(a=[items()])', 'use a.concat(b)'),
            ('add.expand(a=[double])', 'has no JSON form'),
            ("add.expand(a=items()['key'])", 'only what a task returns can be'),
            ('add.expand_kwargs([1])', 'takes a list of dicts'),
            ("add.expand_kwargs({'a': 1})", 'takes a list of dicts'),
            ('add(items().map(double))', 'only expand takes it'),
            ('add(items().map(5))', '5 is no function'),
        ]
        for text, cause in mistakes:
            with self.subTest(text):
                error = self.error(f"{HEAD}\nwith DAG('d'):\n    {text}\n")
                self.assertTrue(error.startswith('file.py:12: '), error)
                self.assertIn(cause, error)

    def test_an_output_of_another_dag_cannot_be_mapped_over(self):
        error = self.error(
            f"{HEAD}\nwith DAG('d'):\n    x = items()\nwith DAG('e'):\n    add.expand(a=x)\n"
        )
        self.assertIn('arrows stay inside a DAG', error)

    def test_an_argument_of_a_group_cannot_be_mapped_again(self):
        error = self.error(
            f"{HEAD}\nwith DAG('d'):\n    @task_group\n    def g(x):\n        add.expand(a=x)\n"
            '    g.expand(x=[1])\n'
        )
        self.assertIn('cannot be mapped again', error)

"""A mapped group: the same three steps for each shop, side by side."""

from dagmesh import dag, task, task_group


@dag(schedule=None, tags=['example'])
def python_mapped_group():
    @task
    def shops():
        return ['berlin', 'paris', 'oslo']

    @task
    def read(shop, year):
        return {'shop': shop, 'year': year, 'sales': len(shop)}

    @task
    def check(sales):
        if sales['sales'] <= 0:
            raise ValueError('no sales')
        return sales

    @task_group
    def one_shop(shop, year):
        check(read(shop, year))

    one_shop.partial(year=2026).expand(shop=shops())


python_mapped_group()

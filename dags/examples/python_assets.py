"""Assets: one DAG updates data, another one runs because of it."""

from dagmesh import DAG, Asset, AssetAlias, task

orders = Asset('python_example_orders', uri='file:///tmp/orders.csv', group='example')
reports = AssetAlias('python_example_reports')


@task(outlets=[orders, reports])
def write(outlet_events):
    outlet_events[orders].extra = {'rows': 3}
    outlet_events[reports].add(Asset('python_example_report'), extra={'of': 'today'})


@task(inlets=[orders])
def read(triggering_asset_events, inlet_events):
    for asset, events in triggering_asset_events.items():
        print(asset.name, [event.extra for event in events])
    print('updates so far:', len(inlet_events[orders]))


with DAG('python_assets_producer', schedule=None, tags=['example']):
    write()

with DAG(
    'python_assets_consumer',
    schedule=orders | reports,
    is_paused_upon_creation=True,
    tags=['example'],
):
    read()

from aiohttp import ClientSession
from prometheus_client import CollectorRegistry

from app.desk.site import make_site, serve
from app.ingress.tally import Exported, Tally


async def test_health_says_what_the_process_says_and_metrics_are_plain_text() -> None:
    figures = CollectorRegistry()
    tally = Tally(accepted=7, rebuilt=1)
    figures.register(Exported(tally, lambda: 3))
    said = {"ready": False, "kafka": False}
    runner = await serve(make_site(lambda: said, figures), "127.0.0.1:0")
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async with ClientSession() as session:
        async with session.get(f"{url}/health/live") as live:
            assert (live.status, await live.json()) == (200, {"live": True})
            assert "Server" not in live.headers, "it would name aiohttp and Python with their versions"
        async with session.get(f"{url}/nowhere") as nowhere:
            assert (nowhere.status, "Server" in nowhere.headers) == (404, False)
        async with session.get(f"{url}/health/ready") as ready:
            assert (ready.status, await ready.json()) == (503, said)
        said["ready"] = True
        async with session.get(f"{url}/health/ready") as ready:
            assert ready.status == 200
        async with session.get(f"{url}/metrics") as metrics:
            text = await metrics.text()
            assert metrics.headers["Content-Type"].startswith("text/plain; version=")
    await runner.cleanup()

    assert "freshforce_ingress_accepted_total 7.0\n" in text
    assert "freshforce_ingress_rebuilt_total 1.0\n" in text
    assert "freshforce_ingress_waiting 3.0\n" in text


async def test_every_number_of_the_ingress_has_a_meaning() -> None:
    for metric in Exported(Tally(), lambda: 0).collect():
        assert metric.documentation.endswith(".")

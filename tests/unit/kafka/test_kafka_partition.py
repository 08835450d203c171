import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from app.kafka.partition import partition_of


@given(st.binary(), st.integers(1, 64))
def test_we_and_the_client_choose_the_same_partition(key: bytes, partitions: int) -> None:
    everywhere = list(range(partitions))

    assert partition_of(key, partitions) == DefaultPartitioner()(key, everywhere, everywhere)


@pytest.mark.parametrize(
    ("key", "hash_"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_the_partition_is_the_one_of_kafkas_own_java_client(key: bytes, hash_: int) -> None:
    # Hashes from org.apache.kafka.common.utils.UtilsTest.testMurmur2.
    assert partition_of(key, 1000) == (hash_ & 0x7FFFFFFF) % 1000

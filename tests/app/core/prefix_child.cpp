// The other process of the prefix store's kill test: writes, reads, forgets and shrinks until it is
// killed. Usage: prefix_child FILE SEED. "ready" is told when the file is open.
#include <cstdio>
#include <cstdlib>
#include <future>
#include <random>

#include "app/core/prefix/disk_prefix_store.h"
#include "tests/app/core/prefix_kill_rows.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    DiskPrefixStore store({.path = argv[1],
                           .maxBytes = 16 << 20,
                           .maxBytesPerHour = std::uint64_t{1} << 40,
                           .bytesPerSecond = 1e12,
                           .isOwnPlace = true});
    store.key();
    if (store.figures().problem) {
        std::printf("%s\n", store.figures().problem->message.c_str());
        return 1;
    }
    std::printf("ready\n");
    std::fflush(stdout);
    std::mt19937 random(static_cast<std::uint32_t>(std::atoi(argv[2])));
    while (true) {
        const int chain = static_cast<int>(random() % kChains);
        const auto owner = static_cast<std::uint64_t>(chain % 10);
        std::vector<ChainDigest> all;
        for (int block = 0; block < kBlocksOfChain; ++block) {
            all.push_back(killDigest(chain, block));
            if (!store.isKnown(all.back())) store.write(owner, killBlock(chain, block));
        }
        store.own(owner, all);
        if (random() % 40 == 0) store.forgetAllBut({1, 2, 3, 4, 5, 6, 7, 8});
        if (random() % 60 == 0) store.setMaxBytes((8 + random() % 8) << 20);
        if (random() % 200 == 0) store.forgetAll();
        store.settle();
        std::promise<void> isRead;
        store.read(all, {}, [&](std::vector<PrefixBlock>) { isRead.set_value(); });
        isRead.get_future().wait();
    }
}

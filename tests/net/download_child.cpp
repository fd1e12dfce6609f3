// The other process of the kill test: downloads one file until it is whole or it is killed.
//
// Usage: download_child ENDPOINT REPOSITORY PATH FOLDER STORE. "received N" is told as bytes come.
#include <cstdio>
#include <string>

#include "net/api/download_queue.h"
#include "tests/support/hub/file_store.h"
#include "tests/support/hub/telling_store.h"

using namespace sotto;
using namespace sotto::net;

namespace {

int failWith(const Error& error) {
    std::printf("%s\n", error.message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    test::FileStore file(argv[5]);
    test::TellingStore store;
    store.kept = &file;
    auto network = Network::create({.proxy = ""});
    if (!network) return failWith(network.error());
    auto client = HubClient::create(**network, {.endpoint = argv[1]});
    if (!client) return failWith(client.error());
    auto queue =
        DownloadQueue::create(**network, **client, {.store = &store, .checkpointBytes = 1 << 18});
    if (!queue) return failWith(queue.error());
    if ((*queue)->list().empty()) {
        const auto id = (*queue)->add({.repository = argv[2], .path = argv[3], .folder = argv[4]});
        if (!id) return failWith(id.error());
    }
    (*queue)->waitUntilIdle();
    return test::tellEnd((*queue)->list().at(0).record);
}

// The other process of the kill test: downloads one file until it is whole or it is killed.
//
// Usage: download_child ENDPOINT REPOSITORY PATH FOLDER STORE. "received N" is told as bytes come.
#include <cstdio>
#include <string>

#include "net/api/download_queue.h"
#include "tests/support/hub/file_store.h"

using namespace sotto;
using namespace sotto::net;

namespace {

int failWith(const Error& error) {
    std::printf("%s\n", error.message.c_str());
    return 1;
}

// Tells how far it is; behind it the test's kill comes at a place of the download, not of the
// clock.
class TellingStore final : public DownloadStore {
public:
    explicit TellingStore(const std::string& path) : m_store(path) {}

    Result<std::vector<DownloadRecord>> load() override { return m_store.load(); }
    Status save(const DownloadRecord& record) override {
        SOTTO_TRY(m_store.save(record));
        std::printf("received %llu\n", static_cast<unsigned long long>(record.nKeptBytes));
        std::fflush(stdout);
        return {};
    }
    Status remove(DownloadId id) override { return m_store.remove(id); }

private:
    test::FileStore m_store;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 6) return 2;
    TellingStore store(argv[5]);
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
    const DownloadInfo info = (*queue)->list().at(0);
    std::printf("%s\n", std::string(downloadStateName(info.record.state)).c_str());
    return info.record.state == DownloadState::Verified ? 0 : 1;
}

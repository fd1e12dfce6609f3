// What the tests of downloads begin with: a hub with files, a folder, and a queue between them.
#pragma once

#include <QTemporaryDir>
#include <memory>
#include <string>

#include "net/api/download_queue.h"
#include "net/download/download_run.h"
#include "tests/net/net_fixture.h"
#include "tests/support/hub/failing_disk.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/file_store.h"
#include "tests/support/hub/hub_repository.h"

namespace sotto::test {

struct DownloadFixture {
    HubRepository hub;
    NetFixture net;
    QTemporaryDir folder;
    FileStore store;
    FailingDisk disk;
    std::unique_ptr<net::HubClient> client;
    std::unique_ptr<net::DownloadQueue> queue;

    explicit DownloadFixture(net::DownloadOptions options = {}) { start(options); }

    // Anew, as after the program's end.
    void start(net::DownloadOptions options = {}) {
        queue.reset();
        if (auto made = net::HubClient::create(*net.network,
                                               {.endpoint = hub.endpoint(), .token = "hf_secret"}))
            client = std::move(*made);
        options.store = &store;
        options.disk = &disk;
        options.checkpointBytes = std::min<std::uint64_t>(options.checkpointBytes, 1 << 16);
        if (auto made = net::DownloadQueue::create(*net.network, *client, options))
            queue = std::move(*made);
    }

    std::filesystem::path target(const std::string& path) const {
        return std::filesystem::path(folder.path().toStdString()) / path;
    }
    Result<net::DownloadId> add(const std::string& path) {
        return queue->add(
            {.repository = hub.repository, .path = path, .folder = folder.path().toStdString()});
    }
    // When nothing runs any more.
    net::DownloadInfo result(std::size_t index = 0) {
        queue->waitUntilIdle();
        const auto list = queue->list();
        return index < list.size() ? list[index] : net::DownloadInfo();
    }
    bool isPartThere(const std::string& path) const {
        return std::filesystem::exists(net::partOf(target(path)));
    }
    std::vector<ServedRequest> bytesRequests() { return hub.bytes().requests(); }
};

}  // namespace sotto::test

#define COMPARE_STATE(info, wanted)                                             \
    QVERIFY2((info).record.state == net::DownloadState::wanted,                 \
             (std::string(net::downloadStateName((info).record.state)) + ": " + \
              (info).record.problem.message)                                    \
                 .c_str())

// TellingStore: tells a test's other process how far it is: "received N" once N bytes are kept. So
// a kill comes at a place of the download, not of the clock.
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "net/api/download_store.h"

namespace sotto::test {

class TellingStore final : public net::DownloadStore {
public:
    net::DownloadStore* kept = nullptr;  // where it goes

    Result<std::vector<net::DownloadRecord>> load() override { return kept->load(); }
    Status save(const net::DownloadRecord& record) override {
        SOTTO_TRY(kept->save(record));
        std::printf("received %llu\n", static_cast<unsigned long long>(record.nKeptBytes));
        std::fflush(stdout);
        return {};
    }
    Status saveAll(std::span<const net::DownloadRecord> records) override {
        return kept->saveAll(records);
    }
    Status remove(net::DownloadId id) override { return kept->remove(id); }
};

// What the process of a kill test ends with, and its exit status: 0 for a file that is whole.
inline int tellEnd(const net::DownloadRecord& record) {
    if (!record.problem.message.empty()) std::printf("%s\n", record.problem.message.c_str());
    std::printf("%s\n", std::string(net::downloadStateName(record.state)).c_str());
    return record.state == net::DownloadState::Verified ? 0 : 1;
}

}  // namespace sotto::test

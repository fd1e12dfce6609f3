#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "app/cli/hub_session.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"
#include "app/core/hub/hub_entries.h"
#include "app/core/hub/part_records.h"
#include "app/core/paths.h"
#include "net/api/download_queue.h"

namespace sotto::cli {

namespace {

constexpr std::chrono::milliseconds kLookPause{100};

Result<std::filesystem::path> folderFor(const PullOptions& options, const std::string& repository) {
    if (!options.folder.empty()) return std::filesystem::path(options.folder);
    SOTTO_ASSIGN(const app::Paths paths, app::findPaths(app::processEnvironment()));
    return paths.models / std::filesystem::path(repository);
}

struct PulledFile {
    std::filesystem::path target;
    net::HubFile file;
    std::uint64_t resumedFrom = 0;
    bool wasThere = false;  // whole before, as it turned out
};

bool isDone(net::DownloadState state) {
    return state != net::DownloadState::Waiting && state != net::DownloadState::Running &&
           state != net::DownloadState::Checking;
}

class Pull {
public:
    Pull(HubSession& session, const PullOptions& options, HubReference wanted)
        : m_session(session), m_options(options), m_wanted(std::move(wanted)) {}

    Result<std::vector<PulledFile>> run() {
        SOTTO_ASSIGN(const app::HubEntry entry, choose());
        SOTTO_ASSIGN(const std::filesystem::path folder, folderFor(m_options, m_wanted.repository));
        std::vector<app::PartTarget> targets;
        for (const net::HubFile& file : entry.parts) {
            PulledFile pulled{.target = folder / std::filesystem::path(file.path), .file = file};
            std::error_code ignored;
            pulled.wasThere = std::filesystem::exists(pulled.target, ignored);
            targets.push_back({pulled.target, m_session.client().options().endpoint,
                               m_wanted.repository, m_revision, file});
            m_nTotal += file.nBytes;
            m_files.push_back(std::move(pulled));
        }
        app::PartRecords records(std::move(targets));
        SOTTO_ASSIGN(const std::unique_ptr<net::DownloadQueue> queue,
                     net::DownloadQueue::create(m_session.network(), m_session.client(),
                                                {.store = &records}));
        for (const PulledFile& file : m_files) SOTTO_TRY(begin(*queue, folder, file));
        SOTTO_TRY(wait(*queue));
        return std::move(m_files);
    }

private:
    // All parts of one commit: the branch may move while they come.
    Result<app::HubEntry> choose() {
        m_revision = m_options.revision;
        SOTTO_ASSIGN(app::HubEntry entry, chooseAtRevision());
        SOTTO_ASSIGN(const net::ResolvedFile file,
                     m_session.client().resolve(m_wanted.repository, m_revision,
                                                entry.parts.front().path, m_session.stop()));
        if (file.commit.empty() || file.commit == m_revision) return entry;
        m_revision = file.commit;
        return chooseAtRevision();
    }

    Result<app::HubEntry> chooseAtRevision() {
        SOTTO_ASSIGN(auto files,
                     m_session.client().files(m_wanted.repository, m_revision, m_session.stop()));
        return app::chooseEntry(app::hubEntries(std::move(files)), m_wanted.file,
                                m_wanted.repository);
    }

    // Goes on with the part that a call before has left.
    Status begin(net::DownloadQueue& queue, const std::filesystem::path& folder,
                 const PulledFile& pulled) {
        for (const net::DownloadInfo& info : queue.list()) {
            if (info.record.target != pulled.target) continue;
            queue.resume(info.record.id);
            return {};
        }
        const auto id = queue.add({.repository = m_wanted.repository,
                                   .revision = m_revision,
                                   .path = pulled.file.path,
                                   .folder = folder});
        if (!id) return fail(id.error());
        return {};
    }

    void noteResumed(const net::DownloadQueue& queue) {
        for (const net::DownloadInfo& info : queue.list())
            for (PulledFile& file : m_files)
                if (file.target == info.record.target) file.resumedFrom = info.nResumedBytes;
    }

    // Until all are whole or one cannot be. Errors: that one's, Cancelled.
    Status wait(net::DownloadQueue& queue) {
        ProgressBar bar("pull", "MB");
        constexpr std::uint64_t kMega = 1'000'000;
        while (true) {
            std::uint64_t nReceived = 0;
            bool areAllDone = true;
            for (const net::DownloadInfo& info : queue.list()) {
                nReceived += info.nReceivedBytes;
                areAllDone = areAllDone && isDone(info.record.state);
                if (isDone(info.record.state) && info.record.state != net::DownloadState::Verified)
                    return fail(info.record.problem);
            }
            if (areAllDone) {
                noteResumed(queue);
                return {};
            }
            bar.update(static_cast<std::int64_t>(nReceived / kMega),
                       static_cast<std::int64_t>(m_nTotal / kMega));
            if (isInterrupted())
                return fail(ErrorCode::Cancelled,
                            "Stopped. What came so far is kept: the same command goes on there.");
            std::this_thread::sleep_for(kLookPause);
        }
    }

    HubSession& m_session;
    const PullOptions& m_options;
    const HubReference m_wanted;
    std::string m_revision;
    std::vector<PulledFile> m_files;
    std::uint64_t m_nTotal = 0;
};

Json toJson(const std::vector<PulledFile>& files) {
    Json list = Json::array();
    std::uint64_t nBytes = 0, resumedFrom = 0;
    for (const PulledFile& file : files) {
        nBytes += file.file.nBytes;
        resumedFrom += file.resumedFrom;
        list.push_back({{"path", file.target.string()},
                        {"sha256", file.file.sha256},
                        {"bytes", file.file.nBytes},
                        {"resumed_from", file.resumedFrom}});
    }
    return {{"path", files.front().target.string()},
            {"sha256", files.size() == 1 ? Json(files.front().file.sha256) : Json()},
            {"bytes", nBytes},
            {"resumed_from", resumedFrom},
            {"files", std::move(list)}};
}

Result<std::vector<PulledFile>> pull(const PullOptions& options) {
    SOTTO_ASSIGN(const std::unique_ptr<HubSession> session, HubSession::open(options.hub));
    return Pull(*session, options, parseHubReference(options.wanted)).run();
}

}  // namespace

int runPull(const CommonOptions& common, const PullOptions& options) {
    const auto files = pull(options);
    if (!files) return printError(files.error(), common.isJson);
    if (common.isJson) {
        printJson(toJson(*files));
    } else {
        for (const PulledFile& file : *files)
            print(fmt::format("{}{}\n", file.target.string(),
                              file.wasThere ? " (was there already)" : ""));
    }
    return finishOutput();
}

}  // namespace sotto::cli

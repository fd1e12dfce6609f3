// What the tests of the window's view of a hub begin with: a hub on loopback with an answer to each
// search that the test writes, and the models over it.
#pragma once

#include <QAbstractItemModelTester>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/hub/hub_controller.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/file_store.h"
#include "tests/support/hub/hub_repository.h"

namespace sotto::test {

struct HubFixture {
    HubRepository repository;
    QTemporaryDir folder;
    FileStore store;
    std::unique_ptr<app::ModelHub> hub;
    double largestFile = 0;
    app::ForecastSetting setting;
    std::unique_ptr<app::HubController> controller;

    explicit HubFixture(net::DownloadOptions downloads = {}) { start(downloads); }

    // Anew, as after the program's end.
    void start(net::DownloadOptions downloads = {}) {
        controller.reset();
        hub.reset();
        downloads.nAttempts = 1;
        downloads.store = &store;
        auto made = app::ModelHub::create({.network = {.proxy = ""},
                                           .hub = {.endpoint = repository.endpoint(),
                                                   .nAttempts = 1,
                                                   .longestWait = std::chrono::seconds(1)},
                                           .downloads = downloads,
                                           .folder = folder.path().toStdString()});
        if (made) hub = std::move(*made);
        app::HubMachine machine;
        machine.largestFile = [this] { return largestFile; };
        machine.forecast = [this] { return setting; };
        machine.readBandwidth = [] { return 40.0; };
        controller = std::make_unique<app::HubController>(hub.get(), machine);
    }
    app::HubSearchModel& search() { return *controller->search(); }
    app::DownloadListModel& downloads() { return *controller->downloads(); }

    QVariant of(QAbstractItemModel& model, int row, int role) {
        return model.data(model.index(row, 0), role);
    }
    // The paths of all searches so far, with their queries.
    QStringList searches() {
        QStringList targets;
        for (const ServedRequest& request : repository.hub().requests())
            if (request.path() == "/api/models")
                targets.append(QString::fromStdString(request.target));
        return targets;
    }
    // The hub's only model with its files on screen.
    app::HubFilesModel* openOnly() {
        search().search();
        const bool isFound = QTest::qWaitFor([this] {
            return search().state() == app::HubSearchModel::Found && search().rowCount() == 1;
        });
        if (!isFound) return nullptr;
        search().toggle(0);
        auto* files = of(search(), 0, app::HubSearchModel::FilesRole).value<app::HubFilesModel*>();
        const bool isRead =
            QTest::qWaitFor([files] { return files->state() != app::HubFilesModel::Reading; });
        return isRead ? files : nullptr;
    }
};

// One model of a search's answer.
inline nlohmann::json foundModel(const std::string& repository,
                                 const std::string& architecture = "llama",
                                 std::uint64_t nParameters = 1'000'000'000) {
    return {{"id", repository},
            {"downloads", 1'234'567},
            {"gated", false},
            {"lastModified", "2026-05-12T10:00:00.000Z"},
            {"cardData", {{"license", "apache-2.0"}}},
            {"tags", {"gguf", "conversational"}},
            {"siblings", {{{"rfilename", "a-Q4_K_M.gguf"}}}},
            {"gguf",
             {{"total", nParameters}, {"architecture", architecture}, {"context_length", 40960}}}};
}

}  // namespace sotto::test

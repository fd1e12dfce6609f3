// TestHub: a hub on loopback for tests written in QML: which models it has, how it fails, and what
// was on its way when the program ended the last time.
//
// GUI thread only; the hub answers on threads of its own.
#pragma once

#include <QString>
#include <QVariantList>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "app/core/hub/model_hub.h"
#include "tests/support/hub/file_store.h"
#include "tests/support/hub/hub_repository.h"

namespace sotto::app {

class TestHub {
public:
    // `downloads`: rows of {repository path state bytes kept problem}, by the names of
    // downloadStateName() and errorCodeName(); one that waits begins, and gets no bytes behind the
    // first few.
    TestHub(const QString& folder, const QVariantList& downloads);
    ~TestHub();

    ModelHub& hub() { return *m_hub; }

    // What each search finds from now on, rows of {repository parameters architecture context
    // licence base gated downloads updated files readme}; files are rows of {path bytes}, which can
    // be listed and not fetched.
    void give(const QVariantList& models);
    // A file that can be fetched, of the repository "acme/tiny-GGUF".
    void addFile(const QString& path, const QByteArray& content, bool isLfs = true);
    // An importance matrix with an entry for a matrix of so many columns, all of which matter
    // alike.
    void addMatrix(const QString& path, const QString& tensor, int nColumns);
    void fail(int status);       // each search from now on; 0: no more
    void hold();                 // searches get no answer, until the end
    void holdBytes(int nBytes);  // downloads get so many, until the next release
    void release();

private:
    std::optional<test::Reply> answer(const test::ServedRequest& request);
    std::optional<test::Reply> bytes(const test::ServedRequest& request);

    test::FileStore m_store;
    std::mutex m_mutex;
    // Guarded by m_mutex.
    std::string m_found;                         // JSON of a search's answer; empty: the hub's own
    std::map<std::string, std::string> m_trees;  // by repository: JSON
    std::map<std::string, std::string> m_readmes;  // by repository
    int m_failure = 0;
    bool m_isHolding = false;
    int m_heldBytes = -1;
    // In this order: the network ends before the hub, and that before what it reads.
    test::HubRepository m_repository;
    std::unique_ptr<ModelHub> m_hub;
};

}  // namespace sotto::app

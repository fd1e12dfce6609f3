// TestApp: the whole program below the window, for tests written in QML: the real controllers and
// the real storage on a scripted engine and a scripted computer.
//
//     TestApp { id: test; isFirstRun: true }     a fresh one per test; test.facade is the window's
//
// Owns everything: a folder with a database that can be told to fail, the engine, the facade. The
// engine does nothing by itself: the test writes and ends each answer. Calls that prepare the
// ground wait for it; what they cannot prepare ends the program. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlParserStatus>
#include <QQuickTextDocument>
#include <QTemporaryDir>
#include <QVariantMap>
#include <memory>
#include <optional>

#include "app/app_facade.h"
#include "app/bridge/engine_bridge.h"
#include "storage/sqlite/connection.h"
#include "tests/app/support/planned_models.h"
#include "tests/app/support/test_hub.h"
#include "tests/fakes/fake_engine.h"
#include "tests/support/failing_vfs.h"

class QQmlEngine;

namespace sotto::app {

// Fonts, style, and TestApp under "Sotto.Tests"; the modules of the window and its icons.
void registerTestApp();
void prepareEngine(QQmlEngine& engine);

class TestApp : public QObject, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    Q_PROPERTY(sotto::app::AppFacade* facade READ facade NOTIFY started)
    // Given before it starts.
    Q_PROPERTY(bool isFirstRun MEMBER m_isFirstRun)  // the first page stays
    Q_PROPERTY(bool hasModel MEMBER m_hasModel)      // a model is loaded at the start
    Q_PROPERTY(QVariantMap model MEMBER m_model)     // what it tells; see describeModel
    Q_PROPERTY(QVariantMap card MEMBER m_card)       // see PlannedModels
    // Codes by their names (errorCodeName): why the disk cannot be used; why there is no engine.
    Q_PROPERTY(QString startProblem MEMBER m_startProblem)
    Q_PROPERTY(QString engineProblem MEMBER m_engineProblem)
    // There is a hub, with what was on its way from it; see TestHub.
    Q_PROPERTY(bool hasHub MEMBER m_hasHub)
    Q_PROPERTY(QVariantList downloads MEMBER m_downloads)
    Q_PROPERTY(bool hasText MEMBER m_hasText)  // the built-in one came with the program
    Q_PROPERTY(double readBandwidth MEMBER m_readBandwidth)  // GB/s that the engine measured

public:
    explicit TestApp(QObject* parent = nullptr);
    ~TestApp() override;
    void classBegin() override {}
    void componentComplete() override;

    AppFacade* facade() const { return m_facade.get(); }
    storage::Storage& storage() { return *m_storage; }
    FakeEngine& engine() { return *m_engine; }

    // --- what was there before -----------------------------------------------------------------
    Q_INVOKABLE double addFolder(const QString& name, bool isCollapsed = false);
    // See storeChat. The list shows it after refresh().
    Q_INVOKABLE double addChat(const QVariantMap& chat, const QVariantList& messages = {});
    Q_INVOKABLE QVariantList longConversation(int nMessages) const;
    Q_INVOKABLE void refresh();            // reads the list of chats again
    Q_INVOKABLE void open(double chatId);  // and waits until it is on screen
    // A chat with these messages, on screen.
    Q_INVOKABLE double talk(const QVariantList& messages);
    // The library of model files, see PlannedModels; "/demo" is the built-in one. The list knows of
    // them when it looks the next time.
    Q_INVOKABLE void setModels(const QVariantList& models);
    // A file below the data folder, by its path from there; gives the whole path. Models of the
    // program's own folder lie in "models".
    Q_INVOKABLE QString putFile(const QString& path, int nBytes = 1);
    Q_INVOKABLE QString putText(const QString& path, const QString& text);
    // A real one of random weights, in F16; or one of eight billion, which are all zeros and take
    // no room.
    Q_INVOKABLE QString putModel(const QString& path, bool isLarge = false);
    Q_INVOKABLE void setPlaces(const QVariantList& places) { m_models->setPlaces(places); }
    Q_INVOKABLE int plans() const { return m_models->plans(); }
    Q_INVOKABLE void load(const QVariantMap& model);  // path and what it tells of itself
    Q_INVOKABLE void unload();

    // --- the hub, see TestHub --------------------------------------------------------------------
    Q_INVOKABLE void hubGives(const QVariantList& models) { m_hub->give(models); }
    Q_INVOKABLE void hubFails(int status) { m_hub->fail(status); }
    Q_INVOKABLE void hubHolds() { m_hub->hold(); }
    // With as many bytes, all of them the same.
    Q_INVOKABLE void hubFile(const QString& path, int nBytes);
    Q_INVOKABLE void hubText(const QString& path, const QString& text);  // the same, kept by git
    Q_INVOKABLE void hubMatrix(const QString& path, const QString& tensor, int nColumns) {
        m_hub->addMatrix(path, tensor, nColumns);
    }
    Q_INVOKABLE void holdBytes(int nBytes) { m_hub->holdBytes(nBytes); }
    Q_INVOKABLE void releaseBytes() { m_hub->release(); }
    Q_INVOKABLE void setOffline(bool isOffline) { m_hub->hub().setOffline(isOffline); }

    // --- the engine ----------------------------------------------------------------------------
    // Of the newest answer that is open, or the one with this id: they count from 1, all that were
    // asked for.
    Q_INVOKABLE void readPrompt(double share, int id = 0) { m_engine->progress(share, asId(id)); }
    Q_INVOKABLE void think(const QString& text, int id = 0);
    Q_INVOKABLE void write(const QString& text, int id = 0);
    // A token for each word, the same id for the same word, all of this probability.
    Q_INVOKABLE void writeWords(const QString& text, double probability);
    // Until this column of a comparison reads the question; behind the last one: until it has
    // ended.
    Q_INVOKABLE void awaitColumn(int column);
    // What came of asking that column where it would have gone another way in the reference's
    // answer: rows of {index, referenceProbability, text, probability}.
    Q_INVOKABLE void tellForced(int column, int nTokens, const QVariantList& others);
    // tokensPerSecond ttftMs tokens, tpotMeanMs bytesPerStep mbu
    Q_INVOKABLE void finish(const QVariantMap& stats = {}, int id = 0);
    Q_INVOKABLE void failAnswer(const QString& sentence, int id = 0);
    Q_INVOKABLE void loseCard();  // the device fails, and its model is gone
    // Of this file, or all where there is none.
    Q_INVOKABLE void failLoads(const QString& sentence, const QString& path = {});
    Q_INVOKABLE void setLoadsHanging(bool isHanging);
    Q_INVOKABLE void endLoad() { m_engine->endLoad(); }
    // What the live panel reads: names of EngineSnapshot, and of DeviceStats below "card".
    Q_INVOKABLE void measure(const QVariantMap& values);
    // The last question of each request so far; "+" in front of one that carries an answer on.
    Q_INVOKABLE QStringList asked() const;
    Q_INVOKABLE QStringList loads() const;  // paths, oldest first

    // --- the disk ------------------------------------------------------------------------------
    Q_INVOKABLE void failWrites();  // the disk is full
    // As a command of the storage that has failed for a lasting cause.
    Q_INVOKABLE void tellFailure(const QString& code, bool isTemporary = false);
    // As if so many requests had ended.
    Q_INVOKABLE void addConnections(int nConnections);
    Q_INVOKABLE void failJob(const QString& code);  // a new one, in the list of jobs
    Q_INVOKABLE void heal();
    // Another program holds the database's lock, for longer than a test waits.
    Q_INVOKABLE void lockDisk();
    Q_INVOKABLE void unlockDisk();
    // A message of the shown path is from now on what a rescue has found of so many bytes.
    Q_INVOKABLE void cutMessage(double chatId, int row, int fullBytes);
    // So many blocks of 32 tokens were read for a chat, and are on the disk.
    Q_INVOKABLE void keepPrefix(double chatId, int nBlocks);
    Q_INVOKABLE QStringList storedTexts(double chatId);  // of the shown path
    // title isPinned folderId isInBin draft settings
    Q_INVOKABLE QVariantMap storedChat(double chatId);
    Q_INVOKABLE QString storedModelSettings();                // of the demo model, JSON
    Q_INVOKABLE QVariant storedSetting(const QString& name);  // a property of the settings
    Q_INVOKABLE double storedDownloadLimit();  // bytes per second, as the next start has it
    Q_INVOKABLE int storedChats();
    // Waits until every command so far has been done and answered.
    Q_INVOKABLE void settle();

    // See told_twice.h.
    Q_INVOKABLE QStringList toldTwice(QQuickItem* root) const;

    Q_INVOKABLE QString clipboard() const;
    Q_INVOKABLE QString clipboardAs(const QString& format) const;
    Q_INVOKABLE void setClipboard(const QString& text);
    // The font that a character of a TextEdit is shown in.
    Q_INVOKABLE QString familyAt(QQuickTextDocument* document, int position) const;

signals:
    void started();

private:
    static RequestId asId(int id) { return static_cast<RequestId>(id); }

    bool m_isFirstRun = false;
    bool m_hasModel = true;
    QString m_startProblem;
    QString m_engineProblem;
    QVariantMap m_model{{QStringLiteral("name"), QStringLiteral("Sotto Demo")},
                        {QStringLiteral("quantization"), QStringLiteral("Q8_0")},
                        {QStringLiteral("contextTokens"), 16384},
                        {QStringLiteral("memoryBytes"), 4.2e7}};
    QVariantMap m_card;
    double m_readBandwidth = 30;
    bool m_hasHub = false;
    bool m_hasText = false;
    QVariantList m_downloads;
    QTemporaryDir m_folder;
    FailingVfs m_vfs;
    std::optional<storage::Connection> m_otherProgram;
    std::unique_ptr<storage::Storage> m_storage;
    std::unique_ptr<storage::Storage> m_temporaryStorage;
    std::unique_ptr<StoredLedger> m_ledger;
    std::unique_ptr<FileTokenStore> m_tokenFile;
    std::unique_ptr<DiskPrefixStore> m_prefixes;
    std::unique_ptr<PlannedModels> m_models;
    EngineBridge m_bridge;
    std::unique_ptr<FakeEngine> m_engine;
    std::unique_ptr<StorageBridge> m_ownBridge;  // its answers come in line with the others'
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<TestHub> m_hub;
    std::unique_ptr<AppFacade> m_facade;
};

}  // namespace sotto::app

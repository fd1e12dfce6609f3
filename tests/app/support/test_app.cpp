#include "tests/app/support/test_app.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QQmlEngine>
#include <QQmlExtensionPlugin>
#include <QQuickStyle>
#include <QTextCursor>
#include <QTextDocument>
#include <QtTest>
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "app/core/hub/model_hub.h"
#include "app/system/fonts.h"
#include "app/system/icon_provider.h"
#include "tests/app/jobs/test_jobs.h"
#include "tests/app/support/stored_chats.h"
#include "tests/app/support/told_twice.h"
#include "tests/support/tiny_gguf.h"

Q_IMPORT_QML_PLUGIN(Sotto_AppPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ChatPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComparePlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ComponentsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ModelsPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ShellPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_SystemPlugin)
Q_IMPORT_QML_PLUGIN(Sotto_ThemePlugin)

namespace sotto::app {
namespace {

constexpr int kPatienceMs = 20'000;
constexpr int kLockWaitMs = 60'000;
constexpr const char* kDemoPath = "/demo";

template <typename Condition>
void await(const char* what, Condition condition) {
    if (!QTest::qWaitFor(condition, kPatienceMs)) qFatal("the test's ground is missing: %s", what);
}

// Each database has a file system of its own, so that one test's full disk is no other's.
std::string vfsName(const void* owner) {
    char name[40];
    std::snprintf(name, sizeof name, "test-app-%p", owner);
    return name;
}

void measureCard(const QVariantMap& values, DeviceStats& card) {
    const auto number = [&values](const char* key) {
        return values[QString::fromLatin1(key)].toDouble();
    };
    std::snprintf(card.name, sizeof card.name, "%s",
                  qPrintable(values[QStringLiteral("name")].toString()));
    card.specGbS = number("specGbS");
    card.memoryTotal = static_cast<std::uint64_t>(number("memoryTotal"));
    card.memoryFree = static_cast<std::uint64_t>(number("memoryFree"));
    card.isMemoryKnown = card.memoryTotal > 0;
    card.memoryWeights = static_cast<std::uint64_t>(number("memoryWeights"));
    card.memoryKv = static_cast<std::uint64_t>(number("memoryKv"));
    card.powerWatts = number("powerWatts");
    card.powerLimitWatts = number("powerLimitWatts");
    card.temperatureCelsius = static_cast<std::int32_t>(number("temperatureCelsius"));
    card.smClockMhz = static_cast<std::int32_t>(number("smClockMhz"));
    card.smClockMaxMhz = static_cast<std::int32_t>(number("smClockMaxMhz"));
    card.memoryClockMhz = static_cast<std::int32_t>(number("memoryClockMhz"));
    if (values[QStringLiteral("isHot")].toBool())
        card.throttling |= 1u << static_cast<unsigned>(ThrottleReason::Heat);
    if (values[QStringLiteral("isAtPowerLimit")].toBool())
        card.throttling |= 1u << static_cast<unsigned>(ThrottleReason::Power);
}

void measureEngine(const QVariantMap& values, EngineSnapshot& snapshot) {
    const auto take = [&values](const char* key, auto& field) {
        const auto found = values.find(QString::fromLatin1(key));
        if (found != values.end())
            field = static_cast<std::decay_t<decltype(field)>>(found->toDouble());
    };
    snapshot.isGenerating = values[QStringLiteral("isGenerating")].toBool();
    take("tokensPerSecond", snapshot.tokensPerSecond);
    take("bandwidthGbS", snapshot.bandwidthGbS);
    take("readBandwidthGbS", snapshot.readBandwidthGbS);
    take("copyBandwidthGbS", snapshot.copyBandwidthGbS);
    take("bytesPerStep", snapshot.bytesPerStep);
    take("kvBlocksTotal", snapshot.kvBlocksTotal);
    take("kvBlocksUsed", snapshot.kvBlocksUsed);
    take("kvBlocksCached", snapshot.kvBlocksCached);
    take("kvBlockTokens", snapshot.kvBlockTokens);
    take("weights", snapshot.memory.weightsResident);
    take("kvCache", snapshot.memory.kvCache);
    take("scratch", snapshot.memory.scratch);
    take("systemTotal", snapshot.memory.systemTotal);
    take("systemAvailable", snapshot.memory.systemAvailable);
    if (values.contains(QStringLiteral("card")))
        measureCard(values[QStringLiteral("card")].toMap(), snapshot.device);
}

// As the libraries tell it.
Error problemOf(const QString& code) {
    Error error;
    error.code = errorCodeOfName(code.toStdString());
    error.message = "It failed with the code " + code.toStdString() + ".";
    error.context = "sotto.db";
    return error;
}

}  // namespace

void registerTestApp() {
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    loadFonts();
    qmlRegisterType<TestApp>("Sotto.Tests", 1, 0, "TestApp");
}

void prepareEngine(QQmlEngine& engine) {
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
    engine.addImageProvider(QStringLiteral("icon"), new IconProvider);
}

TestApp::TestApp(QObject* parent) : QObject(parent), m_vfs(vfsName(this)) {}

TestApp::~TestApp() {
    m_facade.reset();  // it may still be counting tokens with the engine
    m_bridge.attach(nullptr);
    m_engine.reset();  // its thread ends before the bridge that it calls
    m_otherProgram.reset();
    m_vfs.heal();  // the last words of the storage are not this test's subject
}

void TestApp::componentComplete() {
    storage::StorageOptions onDisk;
    onDisk.path = m_folder.filePath(QStringLiteral("sotto.db")).toStdString();
    onDisk.vfs = m_vfs.name();
    onDisk.busyTimeoutMs = kLockWaitMs;
    onDisk.onBackgroundError = [this](const Error& error) {
        QMetaObject::invokeMethod(
            this, [this, error] { m_facade->health()->noteFailure(StoreKind::Disk, error); },
            Qt::QueuedConnection);
    };
    auto disk = storage::Storage::open(std::move(onDisk));
    auto memory = storage::Storage::open(storage::StorageOptions::inMemory());
    if (!disk || !memory) qFatal("a test's database cannot be made");
    m_storage = std::move(*disk);
    m_temporaryStorage = std::move(*memory);
    FakeScript script;
    script.isDriven = true;
    script.readBandwidthGbS = m_readBandwidth;
    script.describe = [model = m_model](ModelInfo& info) { describeModel(model, info); };
    m_engine = std::make_unique<FakeEngine>(m_bridge.sink(), std::move(script));
    if (m_engineProblem.isEmpty()) m_bridge.attach(m_engine.get());
    m_models = std::make_unique<PlannedModels>(m_card);
    m_jobs = std::make_unique<JobRunner>();
    const QString modelsFolder = m_folder.filePath(QStringLiteral("models"));
    if (m_hasHub) m_hub = std::make_unique<TestHub>(modelsFolder, m_downloads);
    m_ownBridge = std::make_unique<StorageBridge>(*m_storage);
    m_ledger = std::make_unique<StoredLedger>(*m_storage);
    m_tokenFile = std::make_unique<FileTokenStore>(
        m_folder.filePath(QStringLiteral("sotto-hub-token")).toStdString());
    std::optional<StartProblem> startProblem;
    if (!m_startProblem.isEmpty()) startProblem = {problemOf(m_startProblem), true};
    const Error engineProblem = problemOf(m_engineProblem);
    AppFacade::Services services{m_bridge,
                                 *m_storage,
                                 *m_temporaryStorage,
                                 *m_jobs,
                                 startProblem,
                                 m_folder.path(),
                                 m_engineProblem.isEmpty() ? nullptr : &engineProblem,
                                 m_hasModel ? QString::fromLatin1(kDemoPath) : QString(),
                                 modelsFolder,
                                 m_models->probe(),
                                 m_hub ? &m_hub->hub() : nullptr,
                                 nullptr,
                                 m_ledger.get(),
                                 m_tokenFile.get()};
    if (m_hasText)
        services.evaluationText = putText("evaluation_text.txt",
                                          QStringLiteral("the cat sat on the mat. ").repeated(400));
    m_prefixes = std::make_unique<DiskPrefixStore>(DiskPrefixOptions{
        .path = m_folder.filePath(QStringLiteral("prefix.db")).toStdString(), .isOwnPlace = true});
    services.prefixes = m_prefixes.get();
    services.moveToTrash = [](const QString& path) { return QFile::remove(path); };
    m_facade = std::make_unique<AppFacade>(services);
    if (!m_isFirstRun) m_facade->settings()->finishFirstRun();
    if (m_hasModel)
        await("a loaded model",
              [this] { return m_facade->models()->state() == ModelController::Loaded; });
    settle();
    emit started();
}

// --- what was there before ----------------------------------------------------------------------

double TestApp::addFolder(const QString& name, bool isCollapsed) {
    return static_cast<double>(storeFolder(*m_storage, name, isCollapsed));
}

double TestApp::addChat(const QVariantMap& chat, const QVariantList& messages) {
    return static_cast<double>(storeChat(*m_storage, chat, messages));
}

QVariantList TestApp::longConversation(int nMessages) const {
    return sotto::app::longConversation(nMessages);
}

void TestApp::hubFile(const QString& path, int nBytes) {
    m_hub->addFile(path, QByteArray(nBytes, 'x'));
}

void TestApp::hubText(const QString& path, const QString& text) {
    m_hub->addFile(path, text.toUtf8(), false);
}

void TestApp::refresh() {
    m_facade->chats()->refresh();
    settle();
}

void TestApp::open(double chatId) {
    m_facade->chats()->open(static_cast<qint64>(chatId));
    settle();
}

double TestApp::talk(const QVariantList& messages) {
    const double chatId = addChat({{QStringLiteral("title"), QStringLiteral("Talk")}}, messages);
    refresh();
    open(chatId);
    return chatId;
}

void TestApp::setModels(const QVariantList& models) {
    m_models->set(models);
    m_engine->change([&](FakeScript& script) {
        script.describe = [models, model = m_model](ModelInfo& info) {
            const QString path = QString::fromStdString(info.path.string());
            QVariantMap described = model;
            for (const QVariant& one : models)
                if (one.toMap()[QStringLiteral("path")].toString() == path) described = one.toMap();
            describeModel(described, info);
        };
    });
    constexpr qint64 kLastUse = 1'700'000'000'000;  // the first one was used last
    const auto stored = m_storage->call([&models](storage::Database& database) -> Status {
        for (qsizetype index = 0; index < models.size(); ++index) {
            const QVariantMap model = models[index].toMap();
            storage::ModelRecord record;
            record.path = model[QStringLiteral("path")].toString().toStdString();
            record.name = model[QStringLiteral("name")].toString().toStdString();
            record.lastUsedAt = kLastUse - index;
            if (record.path == kDemoPath) continue;
            if (auto saved = database.models().save(record); !saved) return saved;
        }
        return {};
    });
    if (!stored) qFatal("a test's models cannot be stored: %s", stored.error().message.c_str());
}

QString TestApp::putFile(const QString& path, int nBytes) {
    return putText(path, QString(nBytes, QLatin1Char('x')));
}

QString TestApp::putText(const QString& path, const QString& text) {
    const QString whole = m_folder.filePath(path);
    QFile file(whole);
    if (!QDir().mkpath(QFileInfo(whole).path()) || !file.open(QIODevice::WriteOnly) ||
        file.write(text.toUtf8()) != text.toUtf8().size())
        qFatal("a test's file cannot be written: %s", qPrintable(whole));
    return whole;
}

QString TestApp::putModel(const QString& path, bool isLarge) {
    const QString whole = m_folder.filePath(path);
    test::TinyModel model;
    model.nEmbd = model.nFf = 256;
    model.headDim = 64;
    model = test::withTypes(model, DType::F16);
    if (!QDir().mkpath(QFileInfo(whole).path()))
        qFatal("a test's folder cannot be made: %s", qPrintable(whole));
    if (!isLarge) {
        if (!test::writeTinyModel(model, whole.toStdString()))
            qFatal("a test's model cannot be written: %s", qPrintable(whole));
        return whole;
    }
    model.nLayers = 36;
    model.nEmbd = 4096;
    model.nHeads = 32;
    model.nKvHeads = 8;
    model.headDim = 128;
    model.nFf = 12288;
    model.nContext = 40960;
    model.nVocab = 100000;
    const GgufWriter writer = test::describeTinyModel(model);
    const auto header = writer.headerBytes();
    const auto nBytes = writer.fileBytes();
    QFile file(whole);
    if (!header || !nBytes || !file.open(QIODevice::WriteOnly) ||
        file.write(reinterpret_cast<const char*>(header->data()), qint64(header->size())) < 0 ||
        !file.resize(static_cast<qint64>(*nBytes)))
        qFatal("a test's model cannot be written: %s", qPrintable(whole));
    return whole;
}

void TestApp::load(const QVariantMap& model) {
    m_engine->change([&model](FakeScript& script) {
        script.describe = [model](ModelInfo& info) { describeModel(model, info); };
    });
    m_facade->models()->load(
        model.value(QStringLiteral("path"), QString::fromLatin1(kDemoPath)).toString());
    await("a loaded model",
          [this] { return m_facade->models()->state() == ModelController::Loaded; });
}

void TestApp::unload() {
    m_facade->models()->unload();
    await("no model", [this] { return m_facade->models()->state() == ModelController::NoModel; });
}

// --- the engine ---------------------------------------------------------------------------------

void TestApp::think(const QString& text, int id) {
    m_engine->write(text.toStdString(), TextKind::Thinking, asId(id));
}

void TestApp::write(const QString& text, int id) {
    m_engine->write(text.toStdString(), TextKind::Answer, asId(id));
}

void TestApp::writeWords(const QString& text, double probability) {
    static const QRegularExpression kEnd(QStringLiteral("(?<=\\S)(?=\\s)"));
    for (const QString& word : text.split(kEnd)) {
        FakeToken token{word.toStdString()};
        token.id = static_cast<std::int32_t>(qHash(word, 0) & 0xffffff);
        token.probability = static_cast<float>(probability);
        m_engine->writeToken(token);
    }
}

void TestApp::awaitColumn(int column) {
    const CompareController& compare = *m_facade->compare();
    await("a column's turn", [&] {
        if (column >= m_facade->compare()->columns()->count()) return !compare.isRunning();
        const CompareColumnModel& columns = *m_facade->compare()->columns();
        const QVariant state = columns.data(columns.index(column), CompareColumnModel::StateRole);
        return state.toInt() >= CompareColumnModel::Reading;
    });
}

void TestApp::tellForced(int column, int nTokens, const QVariantList& others) {
    ForcedReading reading;
    reading.nTokens = nTokens;
    for (const QVariant& other : others) {
        const QVariantMap row = other.toMap();
        reading.others.push_back({row[QStringLiteral("index")].toULongLong(),
                                  row[QStringLiteral("referenceProbability")].toFloat(),
                                  row[QStringLiteral("text")].toString().toStdString(),
                                  row[QStringLiteral("probability")].toFloat()});
    }
    m_facade->compare()->takeForced(column, reading);
}

void TestApp::finish(const QVariantMap& stats, int id) {
    RequestStats measured;
    measured.tokensPerSecond = stats[QStringLiteral("tokensPerSecond")].toDouble();
    measured.ttftMs = stats[QStringLiteral("ttftMs")].toDouble();
    measured.tpotP50Ms = stats[QStringLiteral("tpotP50Ms")].toDouble();
    measured.tpotP95Ms = stats[QStringLiteral("tpotP95Ms")].toDouble();
    measured.tpotMeanMs = stats[QStringLiteral("tpotMeanMs")].toDouble();
    measured.bytesPerStep = stats[QStringLiteral("bytesPerStep")].toDouble();
    measured.mbu = stats[QStringLiteral("mbu")].toDouble();
    measured.generatedTokens = stats[QStringLiteral("tokens")].toLongLong();
    m_engine->finish(StopReason::EndOfText, measured, asId(id));
}

void TestApp::failAnswer(const QString& sentence, int id) {
    m_engine->failAnswer({ErrorCode::OutOfMemory, sentence.toStdString()}, asId(id));
}

void TestApp::loseCard() {
    m_engine->failDevice({ErrorCode::DeviceFailed,
                          "The device reported an error. Load the model again; the chat is kept."});
}

void TestApp::failLoads(const QString& sentence, const QString& path) {
    m_engine->change([&](FakeScript& script) {
        script.endOfLoad =
            [error = Error{ErrorCode::FileDamaged, sentence.toStdString()},
             path = path.toStdString()](const LoadOptions& options) -> std::optional<Error> {
            if (path.empty() || options.path == path) return error;
            return std::nullopt;
        };
    });
}

void TestApp::setLoadsHanging(bool isHanging) {
    m_engine->change([isHanging](FakeScript& script) { script.isLoadDriven = isHanging; });
}

void TestApp::measure(const QVariantMap& values) {
    m_engine->change([&values](FakeScript& script) {
        script.measure = [values](EngineSnapshot& snapshot) { measureEngine(values, snapshot); };
    });
}

QStringList TestApp::asked() const {
    QStringList questions;
    for (const GenerationRequest& request : m_engine->requests()) {
        const auto* prompt = std::get_if<ChatPrompt>(&request.prompt);
        if (prompt == nullptr) continue;
        const auto last =
            std::find_if(prompt->messages.rbegin(), prompt->messages.rend(),
                         [](const ChatMessage& row) { return row.role == Role::User; });
        const QString text =
            last == prompt->messages.rend() ? QString() : QString::fromStdString(last->content);
        questions.append(prompt->isContinuing ? QStringLiteral("+") + text : text);
    }
    return questions;
}

QStringList TestApp::loads() const {
    QStringList paths;
    for (const LoadOptions& options : m_engine->loads())
        paths.append(QString::fromStdString(options.path.string()));
    return paths;
}

// --- the disk -----------------------------------------------------------------------------------

void TestApp::failWrites() { m_vfs.failFrom(1, FailingVfs::Kind::DiskFull); }

void TestApp::tellFailure(const QString& code, bool isTemporary) {
    m_facade->health()->noteFailure(isTemporary ? StoreKind::Temporary : StoreKind::Disk,
                                    problemOf(code));
}

void TestApp::addConnections(int nConnections) {
    for (int index = 0; index < nConnections; ++index)
        m_ledger->end({.id = static_cast<std::uint64_t>(index) + 1,
                       .startedAtMs = QDateTime::currentMSecsSinceEpoch(),
                       .host = "hub.example",
                       .port = 443,
                       .purpose = net::Purpose::Search,
                       .sentBytes = 400,
                       .receivedBytes = 30'000,
                       .httpStatus = index % 3 == 2 ? 0 : 200,
                       .problem = index % 3 == 2 ? "It does not answer." : ""});
    settle();
}

void TestApp::failJob(const QString& code) {
    startEnding(*m_jobs, shownJob("export", "Chats", JobLane::Disk), {}, Ending::Failed,
                problemOf(code));
}

void TestApp::heal() { m_vfs.heal(); }

void TestApp::lockDisk() {
    auto other = storage::Connection::open(
        {.path = m_folder.filePath(QStringLiteral("sotto.db")).toStdString(), .vfs = m_vfs.name()});
    if (!other || !other->execute("BEGIN IMMEDIATE")) qFatal("the disk cannot be locked");
    m_otherProgram.emplace(std::move(*other));
}

void TestApp::unlockDisk() { m_otherProgram.reset(); }

void TestApp::cutMessage(double chatId, int row, int fullBytes) {
    const auto path = m_storage->call([chatId](storage::Database& database) {
        return database.messages().loadPath(static_cast<qint64>(chatId));
    });
    auto other = storage::Connection::open(
        {.path = m_folder.filePath(QStringLiteral("sotto.db")).toStdString(), .vfs = m_vfs.name()});
    if (!path || !other ||
        !other->run("UPDATE messages SET full_bytes = ? WHERE id = ?", fullBytes,
                    path->at(static_cast<std::size_t>(row)).id))
        qFatal("a test's message cannot be cut");
}

void TestApp::keepPrefix(double chatId, int nBlocks) {
    constexpr std::size_t kBlockBytes = 400'000;
    PrefixBlock block;
    for (int number = 0; number < nBlocks; ++number) {
        if (number > 0) block.parent = block.chain;
        std::memcpy(block.chain.data(), &chatId, sizeof(chatId));
        block.chain.back() = static_cast<std::byte>(number + 1);
        block.tokens.assign(32, number);
        block.bytes.assign(kBlockBytes, static_cast<std::byte>(number));
        m_prefixes->write(static_cast<std::uint64_t>(chatId), block);
    }
    m_prefixes->settle();
}

QStringList TestApp::storedTexts(double chatId) {
    const auto path = m_storage->call([chatId](storage::Database& database) {
        return database.messages().loadPath(static_cast<qint64>(chatId));
    });
    QStringList texts;
    if (path)
        for (const storage::MessageRecord& record : *path)
            texts.append(QString::fromStdString(record.content));
    return texts;
}

QVariantMap TestApp::storedChat(double chatId) {
    QVariantMap found;
    const auto id = static_cast<qint64>(chatId);
    static_cast<void>(m_storage->call([&found, id](storage::Database& database) -> Status {
        const auto chat = database.chats().get(id);
        if (!chat) return fail(chat.error());
        found[QStringLiteral("title")] = QString::fromStdString(chat->title);
        found[QStringLiteral("isPinned")] = chat->isPinned;
        found[QStringLiteral("folderId")] = static_cast<double>(chat->folderId);
        found[QStringLiteral("isInBin")] = chat->deletedAt != 0;
        if (const auto draft = database.chats().draft(id))
            found[QStringLiteral("draft")] = QString::fromStdString(*draft);
        if (const auto settings = database.chats().settings(id))
            found[QStringLiteral("settings")] = QString::fromStdString(*settings);
        return {};
    }));
    return found;
}

QString TestApp::storedModelSettings() {
    const auto models =
        m_storage->call([](storage::Database& database) { return database.models().list(); });
    if (models)
        for (const storage::ModelRecord& model : *models)
            if (model.path == kDemoPath) return QString::fromStdString(model.settingsJson);
    return {};
}

// As the next start would find it.
QVariant TestApp::storedSetting(const QString& name) {
    const auto stored =
        m_storage->call([](storage::Database& database) { return database.settings().all(); });
    if (!stored) return {};
    const SettingsController atNextStart(*m_ownBridge, *stored);
    return atNextStart.property(name.toLatin1());
}

double TestApp::storedDownloadLimit() {
    const auto stored =
        m_storage->call([](storage::Database& database) { return database.settings().all(); });
    ModelHubOptions atNextStart;
    if (stored) SettingsController::chooseHub(*stored, atNextStart);
    return static_cast<double>(atNextStart.downloads.bytesPerSecond);
}

int TestApp::storedChats() {
    const auto chats =
        m_storage->call([](storage::Database& database) { return database.chats().list(); });
    return chats ? static_cast<int>(chats->size()) : -1;
}

// An answer may put the next question, so once is not enough.
void TestApp::settle() {
    constexpr int kRounds = 3;
    for (int round = 0; round < kRounds; ++round) {
        bool isAnswered = false;
        m_ownBridge->submit(
            this, [](storage::Database&) -> Status { return {}; },
            [&isAnswered](const Status&) { isAnswered = true; });
        await("an answer of the storage", [&isAnswered] { return isAnswered; });
    }
}

QStringList TestApp::toldTwice(QQuickItem* root) const { return sotto::app::toldTwice(*root); }

QString TestApp::clipboard() const { return QGuiApplication::clipboard()->text(); }

QString TestApp::familyAt(QQuickTextDocument* document, int position) const {
    QTextCursor cursor(document->textDocument());
    cursor.setPosition(position + 1);
    const QStringList families = cursor.charFormat().fontFamilies().toStringList();
    return families.isEmpty() ? document->textDocument()->defaultFont().family() : families.first();
}

QString TestApp::clipboardAs(const QString& format) const {
    return QString::fromUtf8(QGuiApplication::clipboard()->mimeData()->data(format));
}

void TestApp::setClipboard(const QString& text) { QGuiApplication::clipboard()->setText(text); }

}  // namespace sotto::app

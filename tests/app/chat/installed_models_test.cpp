// The models of this computer as their page shows and treats them: in order, to the bin, checked,
// measured, and with their memory given back.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <thread>

#include "app/models/idle_rest.h"
#include "app/models/installed_controller.h"
#include "app/models/installed_models.h"
#include "app/models/model_catalog.h"
#include "app/models/model_removal.h"
#include "app/models/plan_cache.h"
#include "app/models/speed_watch.h"
#include "base/hash.h"
#include "tests/app/chat/chat_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

ModelEntry entryOf(const char* name, const char* type, qint64 bytes, qint64 lastUsedAt) {
    ModelEntry entry;
    entry.name = QString::fromUtf8(name);
    entry.quantization = QString::fromUtf8(type);
    entry.path = QStringLiteral("/m/") + entry.name + entry.quantization;
    entry.fileBytes = bytes;
    entry.lastUsedAt = lastUsedAt;
    return entry;
}

QStringList shown(const InstalledModels& models) {
    QStringList rows;
    for (int row = 0; row < models.rowCount(); ++row) {
        const QModelIndex index = models.index(row, 0);
        rows.append(index.data(ModelListModel::NameRole).toString() + QLatin1Char(' ') +
                    index.data(ModelListModel::QuantizationRole).toString());
    }
    return rows;
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool put(const QString& path, const QByteArray& content) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

// What an answer of so many tokens at 50 per second tells of itself.
RequestStats statsOf(std::int64_t nTokens) {
    RequestStats stats;
    stats.promptTokens = 10;
    stats.generatedTokens = nTokens;
    stats.tpotMeanMs = stats.tpotP50Ms = stats.tpotP95Ms = 20;
    stats.tokensPerSecond = 50;
    return stats;
}

// The controller with a way to the library that ends before the program does.
struct Keeper {
    Keeper(Program& program, const QString& folder, TrashMover move = {})
        : bridge(*program.disk),
          controller(
              {*program.facade->models(), bridge, program.jobs, folder, {}, std::move(move)}) {}
    InstalledController* operator->() { return &controller; }
    InstalledController* get() { return &controller; }

    StorageBridge bridge;
    InstalledController controller;
};

FakeScript driven() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

}  // namespace

class InstalledModelsTest : public QObject {
    Q_OBJECT
private slots:
    void rows_standWithTheirModel();
    void rows_followWhatChanges();
    void files_areAllPartsAndWhatALinkLeadsTo();
    void programs_areThoseWhoseFolderItIs();
    void bin_takesAllParts();
    void bin_thatRefuses_isNamed();
    void removal_tellsAndForgets();
    void removal_waitsForJobs();
    void removal_waitsForComparisonsAndChats();
    void check_comparesWithTheFirstReading();
    void check_ofADownload_comparesWithTheHub();
    void favourites_areKept();
    void aName_isKeptAndTheFileStays();
    void aFolder_isFollowed();
    void aFileThatIsComing_isNotRead();
    void anAnswer_tellsTheSpeed();
    void answers_thatTellNothing_data();
    void answers_thatTellNothing();
    void memory_givenBack_comesAgainWithTheNextQuestion();
    void memory_isGivenBackWhenIdle();
};

void InstalledModelsTest::rows_standWithTheirModel() {
    ModelListModel list;
    ModelEntry demo = entryOf("Demo", "Q8_0", 1, 900);
    demo.isDemo = true;
    ModelEntry favourite = entryOf("Old", "Q8_0", 5, 1);
    favourite.isFavourite = true;
    list.setEntries({demo, entryOf("Qwen", "Q8_0", 8, 100), entryOf("Llama", "F16", 16, 300),
                     entryOf("Qwen", "Q4_K_M", 4, 500), favourite});
    InstalledModels models;
    models.setModels(&list);
    QCOMPARE(shown(models),
             (QStringList{"Old Q8_0", "Qwen Q4_K_M", "Qwen Q8_0", "Llama F16", "Demo Q8_0"}));
    models.setOrder(InstalledModels::Name);
    QCOMPARE(shown(models),
             (QStringList{"Old Q8_0", "Llama F16", "Qwen Q4_K_M", "Qwen Q8_0", "Demo Q8_0"}));
    models.setOrder(InstalledModels::Size);
    QCOMPARE(shown(models),
             (QStringList{"Old Q8_0", "Llama F16", "Qwen Q4_K_M", "Qwen Q8_0", "Demo Q8_0"}));
    QCOMPARE(models.rowCountProperty(), 5);
}

void InstalledModelsTest::rows_followWhatChanges() {
    ModelListModel list;
    InstalledModels models;
    models.setModels(&list);
    QSignalSpy counted(&models, &InstalledModels::countChanged);
    list.setEntries({entryOf("A", "Q8_0", 8, 100), entryOf("B", "F16", 16, 300)});
    QVERIFY(counted.count() > 0);
    QCOMPARE(shown(models), (QStringList{"B F16", "A Q8_0"}));
    // One that was used last goes to the front.
    list.setEntries({entryOf("A", "Q8_0", 8, 400), entryOf("B", "F16", 16, 300)});
    QCOMPARE(shown(models), (QStringList{"A Q8_0", "B F16"}));
    list.setEntries({entryOf("B", "F16", 16, 300)});
    QCOMPARE(shown(models), QStringList{"B F16"});
}

void InstalledModelsTest::files_areAllPartsAndWhatALinkLeadsTo() {
    const QTemporaryDir folder;
    const QString first = folder.filePath("m-00001-of-00002.gguf");
    const QString second = folder.filePath("m-00002-of-00002.gguf");
    QVERIFY(put(first, "1"));
    QCOMPARE(modelFilesOf(first), QStringList{first});
    QVERIFY(put(second, "2"));
    QCOMPARE(modelFilesOf(first), (QStringList{first, second}));
    const QString blob = folder.filePath("blob"), link = folder.filePath("link.gguf");
    QVERIFY(put(blob, "blob"));
    QVERIFY(QFile::link(blob, link));
    QCOMPARE(modelFilesOf(link), (QStringList{link, QFileInfo(blob).canonicalFilePath()}));
    QVERIFY(modelFilesOf(folder.filePath("none.gguf")).isEmpty());
}

void InstalledModelsTest::programs_areThoseWhoseFolderItIs() {
    const std::vector<ModelPlace> places{{"LM Studio", "/home/a/.lmstudio/models"},
                                         {"Jan", "/home/a/jan"}};
    QCOMPARE(programOf("/home/a/.lmstudio/models/x/y.gguf", places), QString("LM Studio"));
    QCOMPARE(programOf("/home/a/jan/y.gguf", places), QString("Jan"));
    QCOMPARE(programOf("/home/a/january/y.gguf", places), QString());
    QCOMPARE(programOf("/home/a/jan/../y.gguf", places), QString());
}

void InstalledModelsTest::bin_takesAllParts() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf"), link = folder.filePath("b.gguf");
    QVERIFY(put(file, QByteArray(1000, 'x')));
    QVERIFY(QFile::link(file, link));
    QStringList moved;
    const auto freed = moveToBin({link, file}, [&moved](const QString& path) {
        moved.append(path);
        return true;
    });
    QVERIFY(freed);
    QCOMPARE(*freed, qint64{1000});
    QCOMPARE(moved, QStringList{file});  // a link is not kept
    QVERIFY(!QFileInfo(link).isSymLink());
}

void InstalledModelsTest::bin_thatRefuses_isNamed() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf");
    QVERIFY(put(file, "x"));
    const auto freed = moveToBin({file}, [](const QString&) { return false; });
    QVERIFY(!freed);
    QCOMPARE(freed.error().code, ErrorCode::ReadOnly);
    QVERIFY(freed.error().message.find("a.gguf") != std::string::npos);
    QVERIFY(QFile::exists(file));
}

void InstalledModelsTest::removal_tellsAndForgets() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf");
    QVERIFY(put(file, QByteArray(5000, 'x')));
    Program program;
    Keeper controller(program, folder.path(),
                      [](const QString& path) { return QFile::remove(path); });
    QCOMPARE(controller->removal(file)["bytes"].toDouble(), 5000.0);
    QCOMPARE(controller->removal(file)["fileCount"].toInt(), 1);
    QCOMPARE(controller->removal(file)["program"].toString(), QString());
    QVERIFY(program.disk->call([&](storage::Database& database) {
        storage::ModelRecord record;
        record.path = file.toStdString();
        record.name = "a";
        return database.models().save(record);
    }));
    QSignalSpy removed(controller.get(), &InstalledController::removed);
    controller->remove(file);
    QVERIFY(removed.wait());
    QVERIFY(!QFile::exists(file));
    QVERIFY2(controller->notice().contains("a.gguf"), qPrintable(controller->notice()));
    QVERIFY(!controller->isNoticeProblem());
    QVERIFY(!program.disk->call(
        [&](storage::Database& database) { return database.models().get(file.toStdString()); }));
    controller->dismissNotice();
    QVERIFY(controller->notice().isEmpty());
    QTRY_VERIFY(controller->totalBytes() > 0);
}

// What a job reads or makes stays, however it is asked for.
void InstalledModelsTest::removal_waitsForJobs() {
    const QTemporaryDir folder;
    const QString source = folder.filePath(QStringLiteral("f16.gguf"));
    QVERIFY(put(source, "weights"));
    Program program(driven());
    Keeper keeper(program, folder.path(), [](const QString& path) { return QFile::remove(path); });
    std::atomic<bool> isOpen = false;
    JobSpec spec;
    spec.lane = JobLane::Processor;
    const QString importance = folder.filePath(QStringLiteral("f16.imatrix.gguf"));
    spec.reads = {source.toStdString(), importance.toStdString()};
    spec.made = folder.filePath(QStringLiteral("new.gguf")).toStdString();
    program.jobs.start(
        spec,
        [&isOpen](JobContext& context) -> Result<int> {
            while (!isOpen && !context.isCancelled()) std::this_thread::yield();
            return 1;
        },
        [](const Result<int>&) {});
    QVERIFY2(keeper->refusal(source).contains(QStringLiteral("f16.gguf")),
             qPrintable(keeper->refusal(source)));
    QVERIFY(!keeper->refusal(importance).isEmpty());
    QVERIFY(!keeper->refusal(QString::fromStdString(spec.made)).isEmpty());
    QVERIFY(keeper->refusal(folder.filePath(QStringLiteral("other.gguf"))).isEmpty());
    keeper->remove(source);
    QVERIFY(keeper->isNoticeProblem() && !keeper->notice().isEmpty());
    isOpen = true;
    QTRY_VERIFY(keeper->refusal(source).isEmpty());
    QVERIFY(QFile::exists(source));
    keeper->remove(source);
    QTRY_VERIFY(!QFile::exists(source));
}

// What is compared, and as a source what the chat has, however late it got it.
void InstalledModelsTest::removal_waitsForComparisonsAndChats() {
    const QTemporaryDir folder;
    const QString source = folder.filePath(QStringLiteral("f16.gguf"));
    QVERIFY(put(source, "weights"));
    Program program;
    ModelController& models = *program.facade->models();
    Keeper keeper(program, folder.path(), [](const QString& path) { return QFile::remove(path); });
    models.setCompared({"/m/other.gguf", source.toStdString()});
    QVERIFY2(keeper->refusal(source).contains(QStringLiteral("f16.gguf")),
             qPrintable(keeper->refusal(source)));
    keeper->remove(source);
    QVERIFY(keeper->isNoticeProblem());
    models.setCompared({});
    QVERIFY(keeper->sourceRefusal(source).isEmpty());
    models.load(source);
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    keeper->dismissNotice();
    keeper->removeSource(source);
    QVERIFY(keeper->isNoticeProblem());
    QVERIFY(QFile::exists(source));
    models.unload();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
    keeper->removeSource(source);
    QTRY_VERIFY(!QFile::exists(source));
}

void InstalledModelsTest::check_comparesWithTheFirstReading() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf");
    QVERIFY(put(file, QByteArray(3'000'000, 'x')));
    Program program;
    Keeper controller(program, folder.path());
    QSignalSpy told(controller.get(), &InstalledController::noticeChanged);
    controller->check(file);
    QCOMPARE(controller->checkedPath(), file);
    QVERIFY(told.wait());
    QVERIFY2(controller->notice().contains("next check"), qPrintable(controller->notice()));
    QVERIFY(controller->checkedPath().isEmpty());
    // The hash is the one that everybody knows.
    Hash hash;
    const QByteArray content = contentOf(file);
    hash.append(std::as_bytes(std::span(content.constData(), std::size_t(content.size()))));
    const auto record = program.disk->call(
        [&](storage::Database& database) { return database.models().get(file.toStdString()); });
    QVERIFY(record);
    QCOMPARE(record->sha256, hash.finish());
    controller->check(file);
    QVERIFY(told.wait());
    QVERIFY2(controller->notice().contains("first check"), qPrintable(controller->notice()));
    // A twin is found.
    const QString twin = folder.filePath("twin.gguf");
    QVERIFY(QFile::copy(file, twin));
    controller->check(twin);
    QVERIFY(told.wait());
    QVERIFY2(controller->notice().contains(file), qPrintable(controller->notice()));
    QVERIFY(!controller->isNoticeProblem());
}

void InstalledModelsTest::check_ofADownload_comparesWithTheHub() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf");
    QVERIFY(put(file, "abc"));
    Program program;
    const auto keep = [&](const std::string& sha256) {
        return program.disk->call([&](storage::Database& database) {
            storage::DownloadRecord record;
            record.id = 1;
            record.target = file.toStdString();
            record.sha256 = sha256;
            record.state = "verified";
            return database.downloads().save(record);
        });
    };
    // FIPS 180-2, appendix B.1.
    QVERIFY(keep("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    Keeper controller(program, folder.path());
    QSignalSpy told(controller.get(), &InstalledController::noticeChanged);
    controller->check(file);
    QVERIFY(told.wait());
    QVERIFY2(controller->notice().contains("hub"), qPrintable(controller->notice()));
    QVERIFY(!controller->isNoticeProblem());
    QVERIFY(keep(std::string(64, '0')));
    controller->check(file);
    QVERIFY(told.wait());
    QVERIFY(controller->isNoticeProblem());
}

void InstalledModelsTest::favourites_areKept() {
    const QTemporaryDir folder;
    const QString file = folder.filePath("a.gguf");
    QVERIFY(put(file, "abc"));
    Program program;
    Keeper controller(program, folder.path());
    for (const bool isFavourite : {true, false}) {
        controller->setFavourite(file, isFavourite);
        QTRY_VERIFY(program.disk->call([&](storage::Database& database) {
            return database.models().get(file.toStdString());
        }) && program.disk
                            ->call([&](storage::Database& database) {
                                return database.models().get(file.toStdString());
                            })
                            ->isFavourite == isFavourite);
    }
}

void InstalledModelsTest::aName_isKeptAndTheFileStays() {
    Program program({}, false);
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("a.gguf"));
    QVERIFY(put(path, "GGUF"));
    program.facade->settings()->addModelFolder(folder.path());
    Keeper keeper(program, folder.path());
    const auto nameOf = [&](int role) {
        const ModelListModel& list = *program.facade->models()->list();
        for (int row = 0; row < list.rowCount(); ++row)
            if (list.index(row).data(ModelListModel::PathRole) == path)
                return list.index(row).data(role).toString();
        return QString();
    };
    QTRY_VERIFY(!nameOf(ModelListModel::NameRole).isEmpty());
    const QString own = nameOf(ModelListModel::NameRole);
    keeper->rename(path, QStringLiteral("  Mine,\nfor “letters” "));
    QTRY_COMPARE(nameOf(ModelListModel::NameRole), QString::fromUtf8("Mine, for “letters”"));
    QCOMPARE(nameOf(ModelListModel::OwnNameRole), own);
    QVERIFY(QFile::exists(path));
    program.facade->models()->refresh();
    program.facade->models()->load(path);
    QTRY_COMPARE(program.facade->models()->state(), ModelController::Loaded);
    QCOMPARE(program.facade->models()->name(), QString::fromUtf8("Mine, for “letters”"));
    const QString longest(119, QLatin1Char('a'));
    keeper->rename(path, longest + QString::fromUtf8("😀b"));
    QTRY_COMPARE(nameOf(ModelListModel::NameRole), longest);
    keeper->rename(path, QStringLiteral("  "));
    QTRY_COMPARE(nameOf(ModelListModel::NameRole), own);
    QTRY_VERIFY(program.facade->models()->name() != QString::fromUtf8("Mine, for “letters”"));
}

void InstalledModelsTest::aFolder_isFollowed() {
    Program program({}, false);
    ModelController& models = *program.facade->models();
    models.folderWatch().setSettleMs(1);
    const QTemporaryDir folder;
    QSignalSpy looked(&models.folderWatch(), &FolderWatch::looked);
    program.facade->settings()->addModelFolder(folder.path());
    QTRY_VERIFY(looked.count() > 0);
    const QString path = folder.filePath(QStringLiteral("a.gguf"));
    const auto isListed = [&] {
        return std::ranges::any_of(models.list()->entries(),
                                   [&path](const ModelEntry& entry) { return entry.path == path; });
    };
    QVERIFY(put(path, "GGUF"));
    QTRY_VERIFY(isListed());
    // A listing may see it before the watch has.
    QTRY_VERIFY(models.folderWatch().restless().settled.contains(path.toStdString()));
    QVERIFY(QFile::remove(path));
    QTRY_VERIFY(!isListed());
}

void InstalledModelsTest::aFileThatIsComing_isNotRead() {
    const QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    QVERIFY(put(folder.filePath(QStringLiteral("here.gguf")), "GGUF"));
    ListingWish wish;
    wish.folders = {folder.path()};
    wish.restless.folders = {root};
    wish.restless.settled[root / "here.gguf"] = traceOf(root / "here.gguf");
    QVERIFY(put(folder.filePath(QStringLiteral("coming.gguf")), "GG"));
    const std::atomic<bool> isCancelled = false;
    auto listing = listModels(wish, MachineProbe(), isCancelled);
    QVERIFY(listing.has_value());
    QCOMPARE(listing->entries.size(), 1u);
    QCOMPARE(listing->entries[0].path, folder.filePath(QStringLiteral("here.gguf")));
    // One that was listed before and is as it was then does not go.
    const QString coming = folder.filePath(QStringLiteral("coming.gguf"));
    const auto stamp = stampOf(coming);
    QVERIFY(stamp.has_value());
    storage::ModelRecord& record = wish.remembered[coming];
    record.sizeBytes = stamp->sizeBytes;
    record.modifiedAt = stamp->modifiedAt;
    listing = listModels(wish, MachineProbe(), isCancelled);
    QVERIFY(listing.has_value());
    QCOMPARE(listing->entries.size(), 2u);
    ++record.sizeBytes;
    listing = listModels(wish, MachineProbe(), isCancelled);
    QVERIFY(listing.has_value());
    QCOMPARE(listing->entries.size(), 1u);
    wish.restless = {};
    listing = listModels(wish, MachineProbe(), isCancelled);
    QVERIFY(listing.has_value());
    QCOMPARE(listing->entries.size(), 2u);
}

void InstalledModelsTest::anAnswer_tellsTheSpeed() {
    const QTemporaryDir cache;
    Program program(driven(), false);
    SpeedWatch watch(
        {program.bridge, *program.facade->models(), program.jobs, cache.path().toStdString()});
    QSignalSpy changed(&watch, &SpeedWatch::changed);
    QVERIFY(changed.wait());  // what the file held
    program.facade->models()->load(QStringLiteral("/fake.gguf"));
    QTRY_COMPARE(program.facade->models()->state(), ModelController::Loaded);
    QSignalSpy submitted(&program.bridge, &EngineBridge::submitted);
    program.chat().send(QStringLiteral("Question"));
    QTRY_COMPARE(submitted.count(), 1);
    program.engine->write("Answer.");
    program.engine->finish(StopReason::EndOfText, statsOf(64));
    QVERIFY(changed.wait());
    const SpeedStore store(SpeedStore::pathIn(cache.path().toStdString()));
    QTRY_COMPARE(store.load().size(), std::size_t{1});
    const MeasuredSpeed kept = store.load().front();
    QCOMPARE(kept.tokensPerSecond, 50.0);
    QCOMPARE(kept.depth, 42.0);
    QCOMPARE(kept.key.file, std::string("/fake.gguf"));
    // Without a forecast there is no error to tell.
    QCOMPARE(kept.forecast, 0.0);
    QCOMPARE(watch.modelCount(), 0);
}

void InstalledModelsTest::answers_thatTellNothing_data() {
    QTest::addColumn<int>("tokens");
    QTest::addColumn<int>("rows");
    QTest::newRow("too short") << 63 << 1;
    QTest::newRow("beside others") << 64 << 2;
}

void InstalledModelsTest::answers_thatTellNothing() {
    QFETCH(int, tokens);
    QFETCH(int, rows);
    const QTemporaryDir cache;
    FakeScript script = driven();
    script.measure = [rows](EngineSnapshot& snapshot) { snapshot.rowsPerStep = rows; };
    Program program(std::move(script), false);
    SpeedWatch watch(
        {program.bridge, *program.facade->models(), program.jobs, cache.path().toStdString()});
    QSignalSpy changed(&watch, &SpeedWatch::changed);
    QVERIFY(changed.wait());
    program.facade->models()->load(QStringLiteral("/fake.gguf"));
    QTRY_COMPARE(program.facade->models()->state(), ModelController::Loaded);
    QSignalSpy submitted(&program.bridge, &EngineBridge::submitted);
    program.chat().send(QStringLiteral("Question"));
    QTRY_COMPARE(submitted.count(), 1);
    program.engine->write("Answer.");
    program.engine->finish(StopReason::EndOfText, statsOf(tokens));
    QTRY_VERIFY(program.isIdle());
    QCOMPARE(changed.count(), 1);
}

void InstalledModelsTest::memory_givenBack_comesAgainWithTheNextQuestion() {
    Program program;
    ModelController& models = *program.facade->models();
    models.rest();
    QTRY_COMPARE(models.state(), ModelController::Resting);
    QVERIFY(!models.name().isEmpty());
    QVERIFY(!program.bridge.hasModel());
    QVERIFY(program.chat().canSend());
    program.chat().send(QStringLiteral("Question"));
    QTRY_COMPARE(program.rows(), 2);
    QTRY_VERIFY(program.isIdle());
    QVERIFY(!program.row(1).text.isEmpty());
    QCOMPARE(models.state(), ModelController::Loaded);
    // Unloaded is another thing: nothing comes by itself.
    models.unload();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
    QVERIFY(!program.chat().canSend());
    models.wake();
    QCOMPARE(models.state(), ModelController::NoModel);
}

void InstalledModelsTest::memory_isGivenBackWhenIdle() {
    Program program;
    ModelController& models = *program.facade->models();
    SettingsController& settings = *program.facade->settings();
    QCOMPARE(settings.idleMinutes(), 0);  // never, unless somebody wants it
    const IdleRest idle({program.bridge, models, settings, std::chrono::milliseconds(20)});
    QTest::qWait(100);
    QCOMPARE(models.state(), ModelController::Loaded);
    settings.setIdleMinutes(5);
    QTRY_COMPARE(models.state(), ModelController::Resting);
    program.chat().send(QStringLiteral("Question"));
    QTRY_COMPARE(program.rows(), 2);
    QTRY_VERIFY(program.isIdle());
    QTRY_COMPARE(models.state(), ModelController::Resting);
}

QTEST_MAIN(InstalledModelsTest)
#include "installed_models_test.moc"

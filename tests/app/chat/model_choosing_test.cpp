// A choice that cannot be loaded leaves or brings back the model in use, and no file is read twice
// for the list: devices, dry runs and loads are doubles.
#include <QFile>
#include <QtTest>
#include <algorithm>

#include "app/models/model_controller.h"
#include "app/system/translation.h"
#include "tests/app/chat/model_program.h"

using namespace sotto;
using namespace sotto::app;

class ModelChoosingTest : public QObject {
    Q_OBJECT

private slots:
    void load_ofWhatCannotTakeItsPlace_leavesTheModel_data();
    void load_ofWhatCannotTakeItsPlace_leavesTheModel();
    void load_thatFails_bringsBackTheModelBefore();
    void load_cancelled_bringsBackTheModelBefore();
    void list_lookingAgain_readsNoFileTwice();
    void list_ofManyNewFiles_remembersThemForTheNextStart();
};

void ModelChoosingTest::load_ofWhatCannotTakeItsPlace_leavesTheModel_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("refusal");  // empty: its row says it
    QTest::newRow("damaged") << "/broken.gguf"
                             << "";
    QTest::newRow("too large") << "/large.gguf"
                               << "";
    QTest::newRow("gone") << "/gone.gguf"
                          << "“gone.gguf” is not there any more. Choose another file or put it "
                             "back.";
}

void ModelChoosingTest::load_ofWhatCannotTakeItsPlace_leavesTheModel() {
    QFETCH(QString, path);
    QFETCH(QString, refusal);
    ModelProgram program({processor()});
    ModelController& models = *program.models;
    program.addToLibrary({"/broken.gguf", "/large.gguf", "/gone.gguf"});
    models.load("/a.gguf");
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QVERIFY(!models.choose(path));
    QCOMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.path(), QStringLiteral("/a.gguf"));
    QCOMPARE(models.refusal(), refusal);
    QVERIFY(models.notice().contains(refusal));
    QCOMPARE(program.engine.loads().size(), std::size_t{1});
    // Another choice forgets it.
    QVERIFY(models.choose("/b.gguf"));
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.path(), QStringLiteral("/b.gguf"));
    QCOMPARE(models.refusal(), QString());
}

void ModelChoosingTest::load_thatFails_bringsBackTheModelBefore() {
    FakeScript script;
    script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
        if (options.path == "/a.gguf") return std::nullopt;
        return Error{ErrorCode::FileDamaged, "The file is damaged.", "/b.gguf", 0, 0};
    };
    ModelProgram program({processor()}, "auto", script);
    ModelController& models = *program.models;
    models.load("/a.gguf");
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QVERIFY(models.load("/b.gguf"));
    models.load("/c.gguf");  // before the first is answered: there is still one to come back to
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.path(), QStringLiteral("/a.gguf"));
    QCOMPARE(program.engine.loads().size(), std::size_t{4});
    QCOMPARE(models.refusal(), QStringLiteral("“c” could not be loaded, so the model before it was "
                                              "loaded again. The file is damaged."));
    Translation translation;
    translation.setSetting("zh_CN");
    QCOMPARE(models.refusal(), QStringLiteral("“c” 无法加载，已重新加载之前的模型。“b.gguf”"
                                              "已损坏、不完整，或不是 GGUF 模型。请重新获取。"));
    translation.setSetting("en");
}

void ModelChoosingTest::load_cancelled_bringsBackTheModelBefore() {
    ModelProgram program({processor()});
    ModelController& models = *program.models;
    models.load("/a.gguf");
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    program.engine.change([](FakeScript& script) { script.isLoadDriven = true; });
    models.load("/b.gguf");
    models.cancelLoad();
    QTRY_COMPARE(models.path(), QStringLiteral("/a.gguf"));
    QCOMPARE(models.state(), ModelController::Loading);
    program.engine.endLoad();
    QTRY_COMPARE(models.state(), ModelController::Loaded);
    QCOMPARE(models.refusal(), QString());
    // The way back can be cancelled, too.
    models.load("/b.gguf");
    models.cancelLoad();
    QTRY_COMPARE(models.path(), QStringLiteral("/a.gguf"));
    models.cancelLoad();
    QTRY_COMPARE(models.state(), ModelController::NoModel);
}

void ModelChoosingTest::list_lookingAgain_readsNoFileTwice() {
    ModelProgram program({processor(), card(0)});
    constexpr int kFiles = 80;
    for (int index = 0; index < kFiles; ++index) {
        QFile file(program.folder.filePath(QStringLiteral("m%1.gguf").arg(index)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x") == 1);
    }
    program.models->folderWatch().setSettleMs(1);
    program.lookAgain();
    // A file that was just written may be left out until it has settled.
    QTRY_COMPARE(program.nSettled(), kFiles);
    program.lookAgain();
    QTRY_COMPARE(program.models->list()->rowCount(), kFiles + 1);
    const auto before = program.models->list()->entries();
    const auto readsOnly = [&program](const QString& name) {
        program.forgetPlans();
        if (!name.isEmpty()) {
            QFile file(program.folder.filePath(name));
            QVERIFY(file.open(QIODevice::Append) && file.write("y") == 1);
        }
        program.lookAgain();
        const QStringList expected =
            name.isEmpty() ? QStringList() : QStringList(program.folder.filePath(name));
        QTRY_COMPARE(program.plansInFolder(), expected);
    };
    readsOnly({});
    QVERIFY(program.models->list()->entries() == before);
    readsOnly("m7.gguf");
    readsOnly("new.gguf");
}

void ModelChoosingTest::list_ofManyNewFiles_remembersThemForTheNextStart() {
    ModelProgram program({processor()});
    for (int index = 0; index < 250; ++index) {
        QFile file(program.folder.filePath(QStringLiteral("m%1.gguf").arg(index)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("x") == 1);
    }
    program.models->folderWatch().setSettleMs(1);
    program.lookAgain();
    QTRY_COMPARE(program.nSettled(), 250);
    program.lookAgain();
    QTRY_COMPARE(program.models->list()->rowCount(), 251);
    const auto stored =
        program.storage->call([](storage::Database& database) { return database.models().list(); });
    QVERIFY(stored);
    QCOMPARE(stored->size(), std::size_t{250});
    QVERIFY(std::all_of(stored->begin(), stored->end(), [](const storage::ModelRecord& row) {
        return row.infoJson.size() > 2 && row.lastUsedAt == 0;
    }));
    // Where its folder is not looked through any more, a file that was never used is not listed.
    QFile::remove(program.folder.filePath("m3.gguf"));
    program.lookAgain();
    QTRY_COMPARE(program.models->list()->rowCount(), 250);
}

QTEST_MAIN(ModelChoosingTest)
#include "model_choosing_test.moc"

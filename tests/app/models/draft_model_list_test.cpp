// What can guess for a model is found among the library's files by their vocabularies, what is
// chosen is the model's own setting and loaded with it, and what each way gave is told beside it.
#include "app/models/draft_model_list.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "tests/app/chat/model_program.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct Program : ModelProgram {
    explicit Program(FakeScript script = {})
        : ModelProgram({processor()}, "cpu", std::move(script)) {
        test::TinyModel model, draft, large;
        model.nLayers = 40;
        draft.nLayers = 1;
        large.nLayers = 30;
        for (const auto& [name, tiny] :
             {std::pair{"model", model}, {"draft", draft}, {"large", large}})
            QVERIFY(test::writeTinyModel(tiny, path(name).toStdString()));
        QVERIFY(QFile::copy(
            QStringLiteral(SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo-draft.gguf"),
            path("stranger")));
        {
            const std::lock_guard lock(mutex);
            plan = [](const LoadOptions& options, const PlanSpace& space) {
                auto planned = planByLayers(space);
                planned->info.architecture = "llama";
                planned->info.fileBytes = static_cast<std::uint64_t>(
                    QFileInfo(QString::fromStdString(options.path.string())).size());
                return planned;
            };
        }
        addToLibrary({path("model").toStdString(), path("draft").toStdString(),
                      path("stranger").toStdString(), path("large").toStdString()});
        drafts = std::make_unique<DraftModelList>(
            DraftModelList::Parts{engineBridge, *models, settings, jobs});
        QObject::connect(models.get(), &ModelController::stateChanged, &settings,
                         [this] { settings.model()->follow(models->path()); });
    }
    ~Program() { drafts.reset(); }

    QString path(const char* name) const {
        return files.filePath(QLatin1String(name) + QStringLiteral(".gguf"));
    }
    void load() {
        QVERIFY(models->load(path("model")));
        QTRY_COMPARE(models->state(), ModelController::Loaded);
        drafts->setShown(true);
        QTRY_VERIFY(!drafts->isLooking());
    }
    QVariant at(int row, DraftModelList::Role role) const {
        return drafts->data(drafts->index(row), role);
    }
    int rowOfKind(DraftModelList::Kind kind) const {
        for (int row = 0; row < drafts->count(); ++row)
            if (at(row, DraftModelList::KindRole) == kind) return row;
        return -1;
    }
    int chosen() const {
        int found = -1;
        for (int row = 0; row < drafts->count(); ++row)
            if (at(row, DraftModelList::IsChosenRole).toBool()) found = found < 0 ? row : -2;
        return found;
    }
    void answer(const RequestStats& stats) {
        GenerationRequest request;
        request.prompt = ChatPrompt{.messages = {{Role::User, "Hello", {}}}};
        QVERIFY(engineBridge.submit(request));
        engine.finish(StopReason::EndOfText, stats);
    }

    QTemporaryDir files;
    std::unique_ptr<DraftModelList> drafts;
};

FakeScript driven() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

}  // namespace

class DraftModelListTest : public QObject {
    Q_OBJECT

private slots:
    void withoutAModel_theChoiceIsForAll() {
        Program program;
        QAbstractItemModelTester tester(program.drafts.get());
        QCOMPARE(program.drafts->count(), 2);
        QCOMPARE(program.drafts->modelName(), QString());
        QCOMPARE(program.chosen(), 0);
        program.drafts->choose(1);
        QCOMPARE(program.settings.layer()->draft(), DraftKind::Ngram);
        QCOMPARE(program.chosen(), 1);
        program.drafts->choose(7);
        program.drafts->choose(-1);
        QCOMPARE(program.chosen(), 1);
    }

    void files_areOfferedOrRefusedWithTheReason() {
        Program program;
        QAbstractItemModelTester tester(program.drafts.get());
        program.load();
        // The built-in model's file is not there: it is told, too.
        QTRY_COMPARE(program.drafts->count(), 6);
        QCOMPARE(program.at(2, DraftModelList::KindRole), DraftModelList::File);
        QCOMPARE(program.at(2, DraftModelList::FileBytesRole).toDouble(),
                 static_cast<double>(QFileInfo(program.path("draft")).size()));
        QStringList reasons;
        for (const int row : {3, 4, 5}) {
            QCOMPARE(program.at(row, DraftModelList::KindRole), DraftModelList::Refused);
            reasons << program.at(row, DraftModelList::ReasonRole).toString();
        }
        for (const char* reason : {"Another vocabulary", "Too large", "does not exist"})
            QVERIFY2(reasons.filter(QLatin1String(reason)).size() == 1, reason);
        program.drafts->choose(3);
        QCOMPARE(program.chosen(), 0);
    }

    // Chosen, it is loaded with the model from the next load on; another model knows nothing of it.
    void chosenFile_isLoadedBesideTheModel() {
        Program program;
        program.load();
        const int row = program.rowOfKind(DraftModelList::File);
        QVERIFY(row >= 0);
        program.drafts->choose(row);
        QCOMPARE(program.chosen(), row);
        QVERIFY(program.drafts->isLoadNeeded());
        // Not by those who only read with it.
        QVERIFY(program.models->loadOptions(program.path("model")).draft.empty());
        program.drafts->loadAgain();
        QTRY_VERIFY(!program.drafts->isLoadNeeded());
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QTRY_COMPARE(program.chosen(), program.rowOfKind(DraftModelList::File));
        QVERIFY(program.models->load(program.path("large")));
        QTRY_COMPARE(program.models->path(), program.path("large"));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QVERIFY(!program.drafts->isLoadNeeded());
        QCOMPARE(program.chosen(), 0);
    }

    // At the program's start, before the files were listed, too.
    void chosenFile_isLoadedAtTheStart() {
        std::vector<std::string> drafts;
        std::mutex mutex;
        FakeScript script;
        script.refusal = [&](const LoadOptions& options) -> std::optional<Error> {
            const std::lock_guard lock(mutex);
            drafts.push_back(options.draft.string());
            return std::nullopt;
        };
        ModelProgram program({processor()}, "cpu", script);
        LoadSettings load;
        load.draftModel = "/draft.gguf";
        program.settings.model()->setLoadSettings(QStringLiteral("/demo.gguf"), load);
        program.settings.layer()->setDraft(DraftKind::Model);
        program.models->loadLastUsed();
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        const std::lock_guard lock(mutex);
        QCOMPARE(drafts, std::vector<std::string>{"/draft.gguf"});
    }

    // Whatever is wrong with it, the model comes without it, and says so.
    void draftThatCannotBeLoaded_isLeftOut() {
        FakeScript script;
        script.refusal = [](const LoadOptions& options) -> std::optional<Error> {
            if (options.draft.empty()) return std::nullopt;
            return Error{ErrorCode::FileDamaged, "The draft is cut off.", options.draft.string()};
        };
        Program program(script);
        program.load();
        program.drafts->choose(program.rowOfKind(DraftModelList::File));
        program.drafts->loadAgain();
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QTRY_VERIFY(program.models->notice().contains(QStringLiteral("draft model is left out")));
        QCOMPARE(program.models->refusal(), QString());
        QCOMPARE(program.models->path(), program.path("model"));
    }

    // The model is loaded without it, and the chat's own text guesses.
    void chosenFile_thatIsGone_isLeftOut() {
        Program program;
        program.load();
        program.drafts->choose(program.rowOfKind(DraftModelList::File));
        LoadSettings load = program.settings.model()->loadSettings(program.path("model"));
        load.draftModel = "/gone.gguf";
        program.settings.model()->setLoadSettings(program.path("model"), load);
        QCOMPARE(program.chosen(), program.rowOfKind(DraftModelList::Ngram));
        QVERIFY(!program.drafts->isLoadNeeded());
        program.drafts->loadAgain();
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.models->notice(), QString());
    }

    void figures_areOfTheWayThatWasInUse() {
        Program program(driven());
        program.load();
        RequestStats plain;
        plain.generatedTokens = 101;
        plain.tokensPerSecond = 10;
        program.answer(plain);
        QTRY_COMPARE(program.at(0, DraftModelList::SpeedRole).toDouble(), 10.0);
        QCOMPARE(program.at(0, DraftModelList::GainRole).toDouble(), 1.0);
        QCOMPARE(program.at(0, DraftModelList::KeptPerStepRole).toDouble(), 0.0);
        QCOMPARE(program.at(1, DraftModelList::SpeedRole).toDouble(), 0.0);
        program.drafts->choose(1);
        RequestStats guessed = plain;
        guessed.tokensPerSecond = 20;
        guessed.draftSteps = 40;
        guessed.draftProposed = 100;
        guessed.draftAccepted = 60;
        guessed.draftGain = 1.9;
        program.answer(guessed);
        QTRY_COMPARE(program.at(1, DraftModelList::SpeedRole).toDouble(), 20.0);
        QCOMPARE(program.at(1, DraftModelList::GainRole).toDouble(), 1.9);
        QCOMPARE(program.at(1, DraftModelList::KeptPerStepRole).toDouble(), 2.5);
        QCOMPARE(program.at(0, DraftModelList::SpeedRole).toDouble(), 10.0);
        QVERIFY(program.at(1, DraftModelList::SpokenTextRole)
                    .toString()
                    .contains(QStringLiteral("1.9×")));
    }

    // Answers beside one another share the reading of the weights: they say nothing of guessing.
    void answersInCompany_areNotCounted() {
        Program program(driven());
        program.load();
        RequestStats stats;
        stats.generatedTokens = 11;
        stats.tokensPerSecond = 10;
        GenerationRequest request;
        request.prompt = ChatPrompt{.messages = {{Role::User, "Hello", {}}}};
        const auto first = program.engineBridge.submit(request);
        const auto second = program.engineBridge.submit(request);
        QVERIFY(first && second);
        QSignalSpy finished(&program.engineBridge, &EngineBridge::generationFinished);
        program.engine.finish(StopReason::EndOfText, stats, *first);
        program.engine.finish(StopReason::EndOfText, stats, *second);
        QTRY_COMPARE(finished.count(), 2);
        stats.tokensPerSecond = 30;
        program.answer(stats);
        QTRY_COMPARE(program.at(0, DraftModelList::SpeedRole).toDouble(), 30.0);
    }
};

QTEST_MAIN(DraftModelListTest)
#include "draft_model_list_test.moc"

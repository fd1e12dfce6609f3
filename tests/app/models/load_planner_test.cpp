// A load with parameters: what they would take is known before, they are what is loaded, and kept
// as the model's own they count from then on.
#include "app/models/load_planner.h"

#include <QtTest>

#include "tests/app/chat/model_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

// 40 layers of 1 GiB, and 1 MiB of keys and values per token in F16: what does not lie on the card
// lies in the processor's memory. A longer context than 8,192 does not fit.
Result<PlannedModel> planOf(const LoadOptions& options, const PlanSpace& space) {
    PlannedModel planned;
    ModelInfo& info = planned.info;
    info.name = "Forty layers";
    info.trainedContext = 16384;
    info.nLayers = 40;
    info.contextTokens = options.contextTokens == 0
                             ? 8192
                             : std::min<std::int64_t>(options.contextTokens, info.trainedContext);
    planned.isShortened = info.contextTokens > 8192;
    info.contextTokens = std::min<std::int64_t>(info.contextTokens, 8192);
    if (isQuantized(options.kv.key) && options.path == "/odd.gguf")
        return fail(ErrorCode::Unsupported, "Its heads cannot be cut: use F16.");
    const std::uint64_t perToken =
        (std::uint64_t{1} << 20) * (options.kv.key == KvType::F32 ? 2 : 1);
    info.memory = {40 * kGib, perToken * static_cast<std::uint64_t>(info.contextTokens), kGib};
    info.bytesPerToken = 40 * kGib;
    info.weightUse = {{DType::Q4_K, 40 * kGib, 1}};
    if (options.kv.key == KvType::F32)
        planned.shortage = Error{ErrorCode::OutOfMemory,
                                 "It needs 57 GiB and 40 GiB are free: use F16.",
                                 {},
                                 57 * kGib,
                                 40 * kGib};
    if (!space.cardBytes) return planned;
    info.nGpuLayers = options.gpuLayers >= 0 ? options.gpuLayers : 18;
    const auto onCard = static_cast<std::uint64_t>(info.nGpuLayers);
    info.cardMemory = {onCard * kGib, info.memory.kv / 40 * onCard, 0};
    info.cardBytesPerToken = onCard * kGib;
    if (onCard > 20)  // of the card's 20 GiB one stays free
        planned.shortage = Error{ErrorCode::OutOfMemory,
                                 "Put fewer layers there.",
                                 {},
                                 info.cardMemory.total(),
                                 19 * kGib};
    return planned;
}

struct LoadProgram : ModelProgram {
    explicit LoadProgram(std::vector<storage::ModelRecord> rows = {})
        : ModelProgram({processor(), card(0)}, "auto", {}, std::move(rows)) {
        const std::lock_guard lock(mutex);
        plan = planOf;
    }
    LoadPlanner planner{{*models, settings, jobs, machine}};

    QVariantMap room(int index) { return planner.rooms().value(index).toMap(); }
    QStringList remedies() {
        QStringList texts;
        for (const QVariant& row : planner.remedies()) texts << row.toMap()["text"].toString();
        return texts;
    }
    LoadOptions loaded() { return engine.loads().back(); }
    QString stored(const std::string& path) {
        QString json;
        settings.saveNow();
        static_cast<void>(storage->call([&](storage::Database& database) -> Status {
            const auto rows = database.models().list();
            for (const auto& row : *rows)
                if (row.path == path) json = QString::fromStdString(row.settingsJson);
            return {};
        }));
        return json;
    }
};

#define QTRY_PLANNED(program) QTRY_COMPARE((program).planner.state(), LoadPlanner::Planned)

}  // namespace

class LoadPlannerTest : public QObject {
    Q_OBJECT

private slots:
    void memory_isKnownBeforeTheLoad() {
        LoadProgram program;
        program.planner.open("/other.gguf");
        QTRY_PLANNED(program);
        QCOMPARE(program.planner.rooms().size(), 2);
        QCOMPARE(program.room(0)["isCard"].toBool(), true);
        QCOMPARE(program.room(0)["weights"].toDouble(), 18.0 * double(kGib));
        QCOMPARE(program.room(0)["others"].toDouble(), 4.0 * double(kGib));
        QCOMPARE(program.room(1)["weights"].toDouble(), 22.0 * double(kGib));
        QCOMPARE(program.room(1)["scratch"].toDouble(), double(kGib));
        QCOMPARE(program.planner.cardLayers(), 18);
        QVERIFY(program.planner.areLayersAutomatic());
        program.planner.setCardLayers(10);
        QTRY_PLANNED(program);
        QCOMPARE(program.room(0)["weights"].toDouble(), 10.0 * double(kGib));
        QCOMPARE(program.room(1)["weights"].toDouble(), 30.0 * double(kGib));
        program.planner.setContextTokens(4096);
        QTRY_PLANNED(program);
        QCOMPARE(program.room(0)["kv"].toDouble() + program.room(1)["kv"].toDouble(),
                 4.0 * double(kGib));
        program.planner.setDevice("cpu");
        QTRY_PLANNED(program);
        QCOMPARE(program.planner.rooms().size(), 1);
        QCOMPARE(program.room(0)["isCard"].toBool(), false);
        QVERIFY(!program.planner.hasCard());
        QVERIFY(program.engine.loads().empty());  // all of it before any load
    }

    // The first plan has ended when the second is asked for, and is told behind that.
    void anOlderPlan_isNotTakenForTheNewest() {
        LoadProgram program;
        program.planner.open("/other.gguf");
        QTRY_PLANNED(program);
        program.planner.setContextTokens(1024);
        // Its end now waits in the event loop.
        while (!program.jobs.jobs().empty()) std::this_thread::yield();
        program.planner.setContextTokens(4096);
        QTRY_PLANNED(program);
        QCOMPARE(program.planner.plannedContext(), 4096);
    }

    // A type that the model's heads do not bear, chosen for all models.
    void refusedType_isToldWithItsRemedy() {
        LoadProgram program;
        program.settings.setKvType("q8_0");
        program.planner.open("/odd.gguf");
        QTRY_COMPARE(program.planner.state(), LoadPlanner::Failed);
        QVERIFY(program.planner.problem().contains("use F16"));
        QCOMPARE(program.remedies(), QStringList("KV cache in F16"));
        QVERIFY(!program.planner.canLoad());
        program.planner.useRemedy(LoadRemedy::CacheF16);
        QTRY_PLANNED(program);
        QCOMPARE(program.planner.kvType(), QString("f16"));
        QVERIFY(program.planner.load(true));
        // Kept for this model alone.
        QCOMPARE(program.settings.kvType(), QString("q8_0"));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
    }

    void whatDoesNotFit_isToldWithItsRemedy() {
        LoadProgram program;
        program.planner.open("/other.gguf");
        program.planner.setKvType("f32");
        QTRY_PLANNED(program);
        QVERIFY(program.planner.problem().contains("use F16"));
        QVERIFY(!program.planner.canLoad());
        QVERIFY(!program.planner.load(false));
        QCOMPARE(program.remedies(), QStringList({"KV cache in F16", "KV cache in Q8_0"}));
        QCOMPARE(program.planner.remedies()[0].toMap()["detail"].toString().section(',', 0, 1),
                 QString("8,192 tokens"));
        program.planner.useRemedy(LoadRemedy::CacheF16);
        QCOMPARE(program.planner.kvType(), QString("f16"));
        program.planner.setContextTokens(static_cast<int>(kOwnContext));
        QTRY_PLANNED(program);
        QCOMPARE(program.planner.problem(), QString());
        QVERIFY(program.planner.note().contains("8,192"));
        QCOMPARE(program.planner.plannedContext(), 8192);
        QVERIFY(program.planner.load(false));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.loaded().contextTokens, std::int64_t{8192});
        QVERIFY(program.loaded().isContextFitted);
    }

    void tooManyLayers_areToldOnTheCardWithWhatWouldHelp() {
        LoadProgram program;
        program.planner.open("/other.gguf");
        program.planner.setCardLayers(25);
        QTRY_PLANNED(program);
        QVERIFY(!program.planner.canLoad());
        QVERIFY(program.room(0)["isCard"].toBool());
        QVERIFY(program.room(0)["isOver"].toBool());
        QCOMPARE(program.room(0)["weights"].toDouble(), 25.0 * double(kGib));
        QCOMPARE(program.room(0)["needed"].toDouble(), double(25 * kGib + 8 * kGib / 40 * 25));
        QCOMPARE(program.room(0)["available"].toDouble(), 19.0 * double(kGib));
        QCOMPARE(program.room(0)["limit"].toDouble(), 23.0 * double(kGib));
        QVERIFY(!program.room(1)["isOver"].toBool());
        QCOMPARE(program.remedies(),
                 (QStringList{"18 of 40 layers on the graphics card", "On the processor"}));
        program.planner.useRemedy(LoadRemedy::CardLayers);
        QTRY_PLANNED(program);
        QVERIFY(program.planner.canLoad());
        QVERIFY(program.planner.areLayersAutomatic());
        QCOMPARE(program.remedies(), QStringList());
    }

    // What other programs gave back counts, without a change of any parameter.
    void memory_isLookedAtAgain() {
        LoadProgram program;
        program.planner.lookAgain();  // nothing is open
        QCOMPARE(program.planner.state(), LoadPlanner::Closed);
        program.planner.open("/other.gguf");
        QTRY_PLANNED(program);
        {
            const std::lock_guard lock(program.mutex);
            program.plan = [](const LoadOptions& options, const PlanSpace& space) {
                auto plan = planOf(options, space);
                plan->info.contextTokens = 6000;
                return plan;
            };
        }
        program.planner.lookAgain();
        QTRY_COMPARE(program.planner.plannedContext(), 6000);
    }

    void whatIsChosen_isLoaded_onceOrForGood() {
        LoadProgram program;
        program.planner.open("/other.gguf");
        program.planner.setContextTokens(2048);
        program.planner.setCardLayers(7);
        QTRY_PLANNED(program);
        QVERIFY(program.planner.load(false));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.loaded().contextTokens, std::int64_t{2048});
        QCOMPARE(program.loaded().gpuLayers, 7);
        QVERIFY(program.settings.model()->loadSettings("/other.gguf").isEmpty());
        // A rest keeps them, the next load by itself does not.
        program.models->rest();
        QTRY_COMPARE(program.models->state(), ModelController::Resting);
        program.models->wake();
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.loaded().gpuLayers, 7);
        program.models->load("/other.gguf");
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.loaded().gpuLayers, kGpuLayersAuto);
        QCOMPARE(program.loaded().contextTokens, std::int64_t{0});

        program.planner.open("/other.gguf");
        program.planner.setCardLayers(5);
        program.planner.setContextTokens(4096);
        QTRY_PLANNED(program);
        QVERIFY(program.planner.load(true));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.stored("/other.gguf"),
                 QStringLiteral("{\"contextTokens\":4096,\"gpuLayers\":5}"));
        program.models->load("/other.gguf");
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        QCOMPARE(program.loaded().gpuLayers, 5);
        QCOMPARE(program.loaded().contextTokens, std::int64_t{4096});
        QVERIFY(program.planner.hasDefaults());
        program.planner.resetDefaults();
        QVERIFY(!program.planner.hasDefaults());
        QCOMPARE(program.stored("/other.gguf"), QStringLiteral("{}"));
    }

    // The row says so, and its plan is of its own parameters and device.
    void theList_showsParametersOfItsOwn() {
        storage::ModelRecord row;
        row.path = "/own.gguf";
        row.settingsJson = R"({"device":"cpu","contextTokens":4096,"gpuLayers":3})";
        LoadProgram program({row});
        program.addToLibrary({"/own.gguf"});
        ModelListModel& list = *program.models->list();
        const auto at = [&list](int role) { return list.data(list.index(1), role); };
        QTRY_VERIFY(at(ModelListModel::OwnLoadTextRole)
                        .toString()
                        .startsWith("4,096 tokens, on the processor, 3 layer"));
        QTRY_COMPARE(at(ModelListModel::ContextTokensRole).toInt(), 4096);
        QCOMPARE(at(ModelListModel::CardBytesRole).toDouble(), 0.0);
        program.planner.forget("/own.gguf");
        QTRY_COMPARE(at(ModelListModel::OwnLoadTextRole).toString(), QString());
        QTRY_VERIFY(at(ModelListModel::CardBytesRole).toDouble() > 0);
    }

    void aFileThatCannotBeRead_isToldAndNotLoaded() {
        LoadProgram program;
        {
            const std::lock_guard lock(program.mutex);
            program.plan = nullptr;
        }
        const int first = program.planner.open("/other.gguf");
        const int opened = program.planner.open("/broken.gguf");
        QTRY_COMPARE(program.planner.state(), LoadPlanner::Failed);
        QVERIFY(program.planner.problem().contains("cut off"));
        QVERIFY(!program.planner.canLoad());
        program.planner.close(first);  // another dialog has it now
        QCOMPARE(program.planner.state(), LoadPlanner::Failed);
        program.planner.close(opened);
        QCOMPARE(program.planner.state(), LoadPlanner::Closed);
        QVERIFY(program.planner.rooms().isEmpty());
    }
};

QTEST_MAIN(LoadPlannerTest)
#include "load_planner_test.moc"

#include "app/core/paths.h"

#include <QTemporaryDir>
#include <QTest>
#ifndef _WIN32
#include <unistd.h>
#endif

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "app/core/resource_paths.h"
#include "engine/api/questions.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

app::Environment environmentOf(const Variables& variables) {
    return [variables](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    };
}

void writeFile(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x";
}

}  // namespace

class PathsTest : public QObject {
    Q_OBJECT
private slots:
#ifndef _WIN32
    void findPaths_followsTheXdgSpecification_data() {
        QTest::addColumn<Variables>("variables");
        QTest::addColumn<std::string>("data");
        QTest::addColumn<std::string>("cache");
        QTest::addColumn<std::string>("config");
        QTest::newRow("home only")
            << Variables{{"HOME", "/h"}} << std::string("/h/.local/share/sotto")
            << std::string("/h/.cache/sotto") << std::string("/h/.config/sotto");
        QTest::newRow("all set") << Variables{{"HOME", "/h"},
                                              {"XDG_DATA_HOME", "/d"},
                                              {"XDG_CACHE_HOME", "/c"},
                                              {"XDG_CONFIG_HOME", "/f"}}
                                 << std::string("/d/sotto") << std::string("/c/sotto")
                                 << std::string("/f/sotto");
        QTest::newRow("relative ones are ignored")
            << Variables{{"HOME", "/h"}, {"XDG_DATA_HOME", "d"}}
            << std::string("/h/.local/share/sotto") << std::string("/h/.cache/sotto")
            << std::string("/h/.config/sotto");
        QTest::newRow("SOTTO_HOME wins")
            << Variables{{"HOME", "/h"}, {"XDG_DATA_HOME", "/d"}, {"SOTTO_HOME", "/s"}}
            << std::string("/s") << std::string("/s/cache") << std::string("/s/config");
        QTest::newRow("SOTTO_HOME without a home")
            << Variables{{"SOTTO_HOME", "/s"}} << std::string("/s") << std::string("/s/cache")
            << std::string("/s/config");
    }
    void findPaths_followsTheXdgSpecification() {
        QFETCH(Variables, variables);
        QFETCH(std::string, data);
        QFETCH(std::string, cache);
        QFETCH(std::string, config);
        const auto paths = app::findPaths(environmentOf(variables));
        QVERIFY(paths.has_value());
        QCOMPARE(paths->data.string(), data);
        QCOMPARE(paths->cache.string(), cache);
        QCOMPARE(paths->config.string(), config);
        QCOMPARE(paths->database.string(), data + "/sotto.db");
        QCOMPARE(paths->models.string(), data + "/models");
    }

    void createFolders_areForTheirOwnerOnly() {
        QTemporaryDir folder;
        const auto paths =
            app::findPaths(environmentOf({{"SOTTO_HOME", folder.path().toStdString() + "/new"}}));
        QVERIFY(app::createFolders(*paths).has_value());
        QVERIFY(fs::is_directory(paths->models));
        QVERIFY(fs::is_directory(paths->cache));
        QVERIFY(fs::is_directory(paths->config));
        for (const fs::path& one : {paths->data, paths->cache, paths->config})
            QVERIFY(fs::status(one).permissions() == fs::perms::owner_all);
    }

    void createFolders_takesBackWhatWasOpenToOthers() {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        const auto paths = app::findPaths(environmentOf({{"XDG_DATA_HOME", (root / "d").string()},
                                                         {"XDG_CACHE_HOME", (root / "c").string()},
                                                         {"XDG_CONFIG_HOME", (root / "f").string()},
                                                         {"HOME", root.string()}}));
        const std::vector<fs::path> folders{paths->data, paths->cache, paths->config};
        writeFile(root / "elsewhere");
        for (const fs::path& one : folders) {
            for (const char* name : {"sotto.db", "sotto.db-wal", "notes.txt"}) {
                writeFile(one / name);
                fs::permissions(one / name, fs::perms(0666));
            }
            fs::create_symlink(root / "elsewhere", one / "sotto.link");
            fs::permissions(one, fs::perms(0777));
        }
        fs::permissions(root / "elsewhere", fs::perms(0666));
        QVERIFY(app::createFolders(*paths).has_value());
        for (const fs::path& one : folders) {
            QVERIFY(fs::status(one).permissions() == fs::perms::owner_all);
            QVERIFY(fs::status(one / "sotto.db").permissions() == fs::perms(0600));
            QVERIFY(fs::status(one / "sotto.db-wal").permissions() == fs::perms(0600));
            // Not ours.
            QVERIFY(fs::status(one / "notes.txt").permissions() == fs::perms(0666));
        }
        QVERIFY(fs::status(root / "elsewhere").permissions() == fs::perms(0666));
    }

    // SOTTO_HOME=/tmp, or a home of somebody else's: nothing is made there and nothing changed.
    void createFolders_refusesWhatIsNotOurs_data() {
        QTest::addColumn<bool>("isSticky");
        QTest::newRow("everybody's") << true;
        QTest::newRow("another account's") << false;
    }
    void createFolders_refusesWhatIsNotOurs() {
        QFETCH(bool, isSticky);
        if (!isSticky && ::geteuid() != 0) QSKIP("Only root can give a folder to another account.");
        QTemporaryDir folder;
        const fs::path home = fs::path(folder.path().toStdString()) / "shared";
        fs::create_directory(home);
        writeFile(home / "others.txt");
        const fs::perms open =
            fs::perms::all | (isSticky ? fs::perms::sticky_bit : fs::perms::none);
        fs::permissions(home, open);
        if (!isSticky) QCOMPARE(::chown(home.c_str(), 65534, 65534), 0);
        const auto paths = app::findPaths(environmentOf({{"SOTTO_HOME", home.string()}}));
        const Status status = app::createFolders(*paths);
        QVERIFY(!status.has_value());
        QVERIFY(status.error().code == ErrorCode::InvalidArgument);
        for (const std::string& word : {home.string(), std::string("SOTTO_HOME"),
                                        std::string(isSticky ? "everybody" : "another account")})
            QVERIFY2(status.error().message.find(word) != std::string::npos,
                     status.error().message.c_str());
        QVERIFY(fs::status(home).permissions() == open);
        QCOMPARE(std::distance(fs::directory_iterator(home), {}), std::ptrdiff_t{1});
    }

    void createFolders_leavesTheRightsOfAFolderWithOtherThings_data() {
        QTest::addColumn<bool>("hasOthers");
        QTest::newRow("other things") << true;
        QTest::newRow("only ours") << false;
    }
    void createFolders_leavesTheRightsOfAFolderWithOtherThings() {
        QFETCH(bool, hasOthers);
        QTemporaryDir folder;
        const fs::path home = fs::path(folder.path().toStdString()) / "home";
        writeFile(home / "sotto.db");
        if (hasOthers) writeFile(home / "thesis.txt");
        fs::permissions(home, fs::perms(0755));
        fs::permissions(home / "sotto.db", fs::perms(0666));
        const auto paths = app::findPaths(environmentOf({{"SOTTO_HOME", home.string()}}));
        QVERIFY(app::createFolders(*paths).has_value());
        QVERIFY(fs::status(home).permissions() == fs::perms(hasOthers ? 0755 : 0700));
        QVERIFY(fs::status(home / "sotto.db").permissions() == fs::perms(0600));
        QVERIFY(fs::status(paths->config).permissions() == fs::perms(0700));
    }
#endif

    void findPaths_withoutAnyHomeSaysWhatToDo() {
        const auto paths = app::findPaths(environmentOf({}));
        QVERIFY(!paths.has_value());
        QVERIFY(paths.error().code == ErrorCode::NotFound);
        QVERIFY(paths.error().message.find("SOTTO_HOME") != std::string::npos);
    }

    void createFolders_whereAFileStandsNamesIt() {
        QTemporaryDir folder;
        const fs::path home = fs::path(folder.path().toStdString()) / "file";
        writeFile(home);
        const auto paths = app::findPaths(environmentOf({{"SOTTO_HOME", home.string()}}));
        const Status status = app::createFolders(*paths);
        QVERIFY(!status.has_value());
        QVERIFY(status.error().message.find(home.string()) != std::string::npos);
        QVERIFY(status.error().message.find("SOTTO_HOME") != std::string::npos);
    }

    void findDemoModel_looksInOrder() {
        QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        const fs::path program = root / "build" / "dev" / "bin";
        fs::create_directories(program);
        const auto find = [&](const Variables& variables) {
            return app::findDemoModel(environmentOf(variables), program);
        };
        const std::string name = app::kDemoModelFile;
        // Relative folders are to be ignored, the first that has it is taken.
        const std::string folders = "share:" + (root / "none").string() + ":" +
                                    (root / "system").string() + ":" + (root / "later").string();
        writeFile(root / "later" / "sotto" / "demo_model" / name);
        writeFile(root / "system" / "sotto" / "demo_model" / name);
        const fs::path inSystem = root / "system" / "sotto" / "demo_model" / name;
        QCOMPARE(find({{"XDG_DATA_DIRS", folders}}), inSystem);
        writeFile(root / "resources" / "demo_model" / name);
        QCOMPARE(find({{"XDG_DATA_DIRS", folders}}), root / "resources" / "demo_model" / name);
        writeFile(root / "build" / "dev" / "share" / "sotto" / "demo_model" / name);
        QCOMPARE(find({}), root / "build" / "dev" / "share" / "sotto" / "demo_model" / name);
        writeFile(program / name);
        QCOMPARE(find({}), program / name);
        writeFile(root / "chosen" / name);
        QCOMPARE(find({{"SOTTO_RESOURCES", (root / "chosen").string()}}), root / "chosen" / name);
        // A wrong choice does not hide the model that came with the program.
        QCOMPARE(find({{"SOTTO_RESOURCES", "/nowhere"}}), program / name);
    }

    void findDemoModel_knowsNoPathOfTheBuild() {
        const auto nowhere = environmentOf({{"XDG_DATA_DIRS", "/nowhere"}});
        QCOMPARE(app::findDemoModel(nowhere, "/nowhere/bin"), fs::path());
    }

    void findEvaluationText_isThatOfTheSourceFolder() {
        const fs::path text = app::findEvaluationText(environmentOf({}), app::programFolder());
        QVERIFY(!text.empty());
        QCOMPARE(text.parent_path().filename().string(), std::string("evaluation"));
        QVERIFY(fs::file_size(text) > 200'000 && fs::file_size(text) <= 1'000'000);
    }

    void findQuestions_isThatOfTheSourceFolder() {
        const fs::path file = app::findQuestions(environmentOf({}), app::programFolder());
        std::ifstream stream(file, std::ios::binary);
        const std::string lines{std::istreambuf_iterator<char>(stream), {}};
        const auto questions = parseQuestions(lines, file.string());
        QVERIFY2(questions, questions ? "" : questions.error().message.c_str());
        QCOMPARE(questions->size(), std::size_t{200});
        std::array<int, 4> nRight{};
        for (const Question& question : *questions) {
            QCOMPARE(question.choices.size(), std::size_t{4});
            const std::set<std::string> different(question.choices.begin(), question.choices.end());
            QVERIFY2(different.size() == 4, question.text.c_str());
            ++nRight[question.answer];
        }
        // A model that always says the same letter gets a quarter.
        for (const int count : nRight) QCOMPARE(count, 50);
    }

    void programFolder_isWhereThisTestLies() {
        QVERIFY(fs::exists(app::programFolder()));
        QCOMPARE(QString::fromStdString(app::programFolder().string()),
                 QCoreApplication::applicationDirPath());
    }
};

QTEST_GUILESS_MAIN(PathsTest)
#include "paths_test.moc"

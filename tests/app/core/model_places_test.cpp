#include "app/core/model_places.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <map>
#include <memory>

using namespace sotto::app;
namespace fs = std::filesystem;

#ifndef _WIN32
namespace {
// A file with 4096 bytes by its own account, whose reading fails: the speed of a device without
// one.
constexpr const char* kFailingFile = "/sys/class/net/lo/speed";
}  // namespace

class ModelPlacesTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_home = fs::canonical(m_folder->path().toStdString());
        m_variables = {{"HOME", m_home.string()}};
    }

    void findModelPlaces_knowsWhereOtherProgramsKeepTheirs_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("program");
        QTest::newRow("LM Studio") << ".lmstudio/models"
                                   << "LM Studio";
        QTest::newRow("LM Studio, older") << ".cache/lm-studio/models"
                                          << "LM Studio";
        QTest::newRow("Ollama") << ".ollama/models"
                                << "Ollama";
        QTest::newRow("Jan") << ".local/share/Jan/data/llamacpp/models"
                             << "Jan";
        QTest::newRow("GPT4All") << ".local/share/nomic.ai/GPT4All"
                                 << "GPT4All";
        QTest::newRow("llama.cpp") << ".cache/llama.cpp"
                                   << "llama.cpp";
        QTest::newRow("Hugging Face") << ".cache/huggingface/hub"
                                      << "Hugging Face";
    }
    void findModelPlaces_knowsWhereOtherProgramsKeepTheirs() {
        QFETCH(QString, folder);
        QFETCH(QString, program);
        QCOMPARE(ownPlaces().size(), std::size_t{0});
        const fs::path path = m_home / folder.toStdString();
        fs::create_directories(path);
        const auto places = ownPlaces();
        QCOMPARE(places.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(places[0].program), program);
        QCOMPARE(places[0].folder, path);
    }

    void findModelPlaces_followsTheirVariables() {
        for (const char* name : {"hub", "home/hub", "ollama", "llama"})
            fs::create_directories(m_home / name);
        m_variables["OLLAMA_MODELS"] = (m_home / "ollama").string();
        m_variables["LLAMA_CACHE"] = (m_home / "llama").string();
        m_variables["HF_HOME"] = (m_home / "home").string();
        QCOMPARE(folders(),
                 (std::vector{m_home / "ollama", m_home / "llama", m_home / "home/hub"}));
        m_variables["HF_HUB_CACHE"] = (m_home / "hub").string();
        QCOMPARE(folders(), (std::vector{m_home / "ollama", m_home / "llama", m_home / "hub"}));
        m_variables["OLLAMA_MODELS"] = "relative";
        QCOMPARE(folders(), (std::vector{m_home / "llama", m_home / "hub"}));
    }

    void findModelPlaces_readsLmStudiosSettings() {
        fs::create_directories(m_home / ".lmstudio/models");
        fs::create_directories(m_home / "big");
        std::ofstream(m_home / ".lmstudio/settings.json")
            << "{\"downloadsFolder\": \"" << (m_home / "big").string() << "\"}";
        QCOMPARE(folders(), std::vector{m_home / "big"});
        std::ofstream(m_home / ".lmstudio/settings.json") << "{\"downloadsFolder\": 3";
        QCOMPARE(folders(), std::vector{m_home / ".lmstudio/models"});
    }

    // What cannot be read counts as not there.
    void findModelPlaces_passesOverLmStudiosUnreadableSettings_data() {
        QTest::addColumn<QString>("target");
        QTest::newRow("a folder") << QStringLiteral("/");
        QTest::newRow("an error in the middle") << QString::fromLatin1(kFailingFile);
    }
    void findModelPlaces_passesOverLmStudiosUnreadableSettings() {
        QFETCH(QString, target);
        if (!fs::exists(target.toStdString())) QSKIP("this system has no such file");
        fs::create_directories(m_home / ".lmstudio/models");
        fs::create_symlink(target.toStdString(), m_home / ".lmstudio/settings.json");
        QCOMPARE(folders(), std::vector{m_home / ".lmstudio/models"});
    }

    void findModelPlaces_listsAFolderOnce() {
        fs::create_directories(m_home / ".lmstudio/models");
        fs::create_directories(m_home / ".cache/lm-studio");
        fs::create_directory_symlink(m_home / ".lmstudio/models",
                                     m_home / ".cache/lm-studio/models");
        QCOMPARE(ownPlaces().size(), std::size_t{1});
        m_variables.clear();
        QCOMPARE(ownPlaces().size(), std::size_t{0});
    }

private:
    // Without what this computer has outside of the test's home.
    std::vector<ModelPlace> ownPlaces() const {
        std::vector<ModelPlace> places = findModelPlaces([this](const char* name) {
            const auto found = m_variables.find(name);
            return found == m_variables.end() ? std::string() : found->second;
        });
        std::erase_if(places, [](const ModelPlace& place) {
            return place.folder.string().starts_with("/usr/share");
        });
        return places;
    }
    std::vector<fs::path> folders() const {
        std::vector<fs::path> found;
        for (const ModelPlace& place : ownPlaces()) found.push_back(place.folder);
        return found;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_home;
    std::map<std::string, std::string> m_variables;
};

QTEST_APPLESS_MAIN(ModelPlacesTest)
#else
int main() { return 0; }
#endif
#include "model_places_test.moc"

# Helpers that give every target of ours the same flags and include root, and every test the same form.

include(GNUInstallDirs)
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(sotto_flags INTERFACE)
target_include_directories(sotto_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sotto_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
                                             -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC bug 105651: at -O3 GCC 12 warns of an overlap in the standard library's own "text" + std::string().
    target_compile_options(sotto_flags INTERFACE -Wno-restrict)
endif()
# No path of this machine in what users run. Other builds keep them, so that debuggers and ccache find their way.
target_compile_options(sotto_flags INTERFACE $<$<CONFIG:Release>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>)
# GCC looks for garbage whenever its heap has grown by a third: with half a gigabyte to begin with it hardly does, and
# compiles a test in four fifths of the time. Not where users build, whose memory is not known.
if(SOTTO_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(sotto_flags INTERFACE --param=ggc-min-heapsize=524288)
endif()
if(SOTTO_WARNINGS_AS_ERRORS)
    target_compile_options(sotto_flags INTERFACE -Werror)
endif()
if(SOTTO_SANITIZE)
    # Compiled into what users run. A test's own code (SOTTO_IS_TEST) is spared half of its time: what it hands to
    # the engine is watched all the same. The thread sanitizer must see both sides of a lock.
    set(watched -fsanitize=${SOTTO_SANITIZE})
    if(NOT SOTTO_SANITIZE MATCHES "thread")
        set(watched "$<$<NOT:$<BOOL:$<TARGET_PROPERTY:SOTTO_IS_TEST>>>:${watched}>")
    endif()
    target_compile_options(sotto_flags INTERFACE ${watched} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    if(SOTTO_SANITIZE MATCHES "address")
        target_compile_definitions(sotto_flags INTERFACE SOTTO_ADDRESS_SANITIZED)
    endif()
    target_link_options(sotto_flags INTERFACE -fsanitize=${SOTTO_SANITIZE})
endif()
if(SOTTO_COVERAGE)
    target_compile_options(sotto_flags INTERFACE --coverage)
    target_link_options(sotto_flags INTERFACE --coverage)
endif()

# Most of the time a source takes is the reading of its headers: whole builds compile a library's sources in groups.
function(sotto_compile_together name)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${SOTTO_GROUP_SOURCES} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# Two hundred tests are linked in a third of the time. What users run is linked by the compiler's own choice.
find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM AND SOTTO_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_link_options(sotto_flags INTERFACE -fuse-ld=lld)
endif()

# sotto_library(NAME [SOURCES …] [DEPS …] [PRIVATE_DEPS …]): a static library of our own.
function(sotto_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC sotto_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    sotto_compile_together(${name})
endfunction()

# A test's own code runs once, and is compiled in two thirds of the time so. What takes it time to run is in libraries.
set(SOTTO_COMPILE_SOON $<$<AND:$<CXX_COMPILER_ID:GNU,Clang>,$<CONFIG:RelWithDebInfo>>:-O1>)
function(sotto_compile_soon name)
    set_target_properties(${name} PROPERTIES SOTTO_IS_TEST ON)
    target_compile_options(${name} PRIVATE ${SOTTO_COMPILE_SOON})
endfunction()

# Reading <QtTest> takes longer than compiling most tests: one compiled copy serves all that are built with its flags.
# With the window's libraries QtTest is another header: SOTTO_TEST_QT names those of a folder's tests.
function(sotto_share_test_header name)
    string(JOIN "_" header sotto_test_header ${SOTTO_TEST_QT})
    if(NOT TARGET ${header})
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${header}.cpp CONTENT "")
        add_library(${header} OBJECT ${CMAKE_BINARY_DIR}/${header}.cpp)
        list(TRANSFORM SOTTO_TEST_QT PREPEND Qt6:: OUTPUT_VARIABLE libraries)
        target_link_libraries(${header} PRIVATE sotto_flags Qt6::Core Qt6::Test ${libraries})
        target_precompile_headers(${header} PRIVATE <QtTest>)
        sotto_compile_soon(${header})
    endif()
    target_precompile_headers(${name} REUSE_FROM ${header})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # The bug above once more: behind a compiled header GCC 12 no longer knows the standard library's code as such.
        target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow)
    endif()
endfunction()

# What Qt's compiler makes of a test's class, for its source to include. CMake's own AUTOMOC is a target, a scan and an
# object file more for each of two hundred tests: a second, where moc alone takes a tenth.
function(sotto_moc_test name)
    foreach(source ${ARGN})
        cmake_path(ABSOLUTE_PATH source)
        cmake_path(GET source STEM stem)
        file(STRINGS ${source} wish REGEX "^#include \"${stem}\\.moc\"")
        if(wish)
            set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}_moc)
            add_custom_command(OUTPUT ${folder}/${stem}.moc
                COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
                COMMAND Qt6::moc -o ${folder}/${stem}.moc ${source}
                DEPENDS ${source}
                VERBATIM)
            target_sources(${name} PRIVATE ${folder}/${stem}.moc)
            target_include_directories(${name} PRIVATE ${folder})
        endif()
    endforeach()
endfunction()

# What .ci/run builds under the sanitizers: every test but those of whole models on the emulated card (label
# whole_model), of which the parts are tested one by one.
add_custom_target(sanitized_tests)

# sotto_test(NAME SOURCES … LIBS … [LABELS …]): one QtTest program, run offscreen by ctest under its own name.
# What comes with the program (the demo model) is found by SOTTO_RESOURCES, wherever the build folder lies.
# The shared data folder (third-party files that are not committed) reaches tests as SOTTO_SHARED.
function(sotto_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    sotto_moc_test(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE sotto_flags Qt6::Core Qt6::Test ${ARG_LIBS})
    target_compile_definitions(${name} PRIVATE SOTTO_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                               SOTTO_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden"
                                               SOTTO_BINARY_DIR="${CMAKE_BINARY_DIR}")
    sotto_compile_soon(${name})
    sotto_share_test_header(${name})
    add_test(NAME ${name} COMMAND ${name})
    if(NOT "whole_model" IN_LIST ARG_LABELS)
        add_dependencies(sanitized_tests ${name})
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_QUICK_BACKEND=software;LC_ALL=C.UTF-8;SOTTO_RESOURCES=${CMAKE_SOURCE_DIR}/resources;TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan.supp")
endfunction()

# Tests of CUDA code without a GPU: kernels and their host code compiled as C++ against the emulated toolkit
# headers of tests/support/simt.

# Warnings that natural CUDA code causes and nvcc does not know: its own pragmas (unroll), helpers that only
# some instantiations of a file use.
set(SOTTO_SIMT_OPTIONS -Wno-unknown-pragmas -Wno-unused-function -Wno-unused-but-set-variable)

# sotto_simt_library(NAME SOURCES … [DEPS …] [DEFINES …]): engine .cu and .cpp files of the CUDA backend.
# Sources are relative to the repository's root or absolute.
function(sotto_simt_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;DEFINES" ${ARGN})
    set(sources)
    foreach(source ${ARG_SOURCES})
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
        # To CMake and to g++ alike a .cu file is no C++: one small file per kernel file includes it.
        if(source MATCHES "\\.cu$")
            cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE relative)
            set(wrapper ${CMAKE_BINARY_DIR}/simt/${relative}.cpp)
            file(CONFIGURE OUTPUT ${wrapper} CONTENT "#include \"@relative@\"\n" @ONLY)
            list(APPEND sources ${wrapper})
        else()
            list(APPEND sources ${source})
        endif()
    endforeach()
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC sotto_flags sotto_simt ${ARG_DEPS})
    target_compile_options(${name} PRIVATE ${SOTTO_SIMT_OPTIONS})
    target_compile_definitions(${name} PUBLIC ${ARG_DEFINES})
endfunction()

# sotto_simt_test(NAME SOURCES … LIBS … [LABELS …] [TIMEOUT …]): as sotto_test, with the emulator linked.
function(sotto_simt_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
    set(timeout)
    if(ARG_TIMEOUT)
        set(timeout TIMEOUT ${ARG_TIMEOUT})
    endif()
    sotto_test(${name} SOURCES ${ARG_SOURCES} LIBS ${ARG_LIBS} sotto_simt LABELS simt ${ARG_LABELS} ${timeout})
    target_compile_options(${name} PRIVATE ${SOTTO_SIMT_OPTIONS})
endfunction()

# What the emulated engine has in place of the engine's own archives without CUDA; asked for at once, so that it comes
# from there.
function(sotto_simt_link_engine name)
    target_link_options(${name} PRIVATE
        LINKER:-u,_ZN5sotto15listCudaDevicesEv LINKER:-u,_ZN5sotto15cudaKernelSizesEv
        LINKER:-u,_ZN5sotto17createCudaKernelsERKNS_17CudaKernelOptionsE)
endfunction()

# sotto_simt_engine_test(NAME …): as sotto_simt_test, with the emulated engine of tests/engine/model linked first.
function(sotto_simt_engine_test name)
    cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
    sotto_simt_test(${name} ${ARG_UNPARSED_ARGUMENTS} LIBS sotto_cuda_simt ${ARG_LIBS})
    sotto_simt_link_engine(${name})
endfunction()

# sotto_simt_engine_program(NAME SOURCES … LIBS …): a program of ours with the emulated card, among the tests.
function(sotto_simt_engine_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${name} PRIVATE sotto_cuda_simt ${ARG_LIBS} sotto_simt)
    sotto_simt_link_engine(${name})
endfunction()

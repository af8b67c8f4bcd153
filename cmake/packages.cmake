# Debian packages: `cpack -G DEB` in a build directory makes one of each
# component. deploy/debian has their settings and scripts, deploy/systemd their
# services.
#
#   sensor         callbraid-sensor      small: no store, no codecs
#   collector      callbraid-collector   with the pages for browsers, if built
#   cli            callbraid             the command
#   codec-plugins  callbraid-codecs      decoders that link libavcodec and bcg729

# What belongs to the system only comes with packages.
function(callbraid_package_files destination component)
  install(FILES ${ARGN} DESTINATION ${destination} COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endfunction()

foreach(component sensor collector)
  callbraid_package_files(/etc/callbraid ${component}
    deploy/debian/${component}.yaml)
  callbraid_package_files(/lib/systemd/system ${component}
    deploy/systemd/callbraid-${component}.service)
endforeach()
file(GLOB docs docs/*.md)
callbraid_package_files(share/doc/callbraid-collector collector
  README.md ${docs} proto/callbraid/v1/config.proto)
callbraid_package_files(share/doc/callbraid-sensor sensor
  docs/operations.md docs/security.md docs/span-setup.md
  proto/callbraid/v1/config.proto)
foreach(package sensor:callbraid-sensor collector:callbraid-collector
                cli:callbraid codec-plugins:callbraid-codecs)
  string(REPLACE ":" ";" package ${package})
  list(GET package 0 component)
  list(GET package 1 name)
  install(FILES LICENSE DESTINATION share/doc/${name} RENAME copyright
    COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
install(PROGRAMS deploy/make_certs.sh DESTINATION bin
  RENAME callbraid-make-certs COMPONENT collector EXCLUDE_FROM_ALL)

set(completion ${CMAKE_BINARY_DIR}/completion/callbraid)
add_custom_command(OUTPUT ${completion}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completion
  COMMAND callbraid completion > ${completion}
  DEPENDS callbraid VERBATIM)
add_custom_target(completion ALL DEPENDS ${completion})
callbraid_package_files(share/bash-completion/completions cli ${completion})

# Manual pages, from what the programs say of themselves and from the comments of
# the settings. Not without Python, as where only the programs are built.
find_program(PYTHON3 NAMES python3)
if(PYTHON3)
  set(man ${CMAKE_BINARY_DIR}/man)
  set(collector_pages callbraid-collector.8 callbraid-collector.yaml.5)
  set(sensor_pages callbraid-sensor.8 callbraid-sensor.yaml.5)
  set(cli_pages callbraid.1)
  list(TRANSFORM collector_pages PREPEND ${man}/)
  list(TRANSFORM sensor_pages PREPEND ${man}/)
  list(TRANSFORM cli_pages PREPEND ${man}/)
  add_custom_command(OUTPUT ${collector_pages} ${sensor_pages} ${cli_pages}
    COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/deploy/man/make_pages
      --bin ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
      --proto ${PROJECT_SOURCE_DIR}/proto/callbraid/v1/config.proto --out ${man}
    DEPENDS callbraid callbraid-collector callbraid-sensor
      ${PROJECT_SOURCE_DIR}/deploy/man/make_pages
      ${PROJECT_SOURCE_DIR}/proto/callbraid/v1/config.proto
    VERBATIM)
  foreach(component collector sensor cli)
    foreach(page ${${component}_pages})
      get_filename_component(section ${page} LAST_EXT)
      string(REPLACE "." "" section ${section})
      add_custom_command(OUTPUT ${page}.gz DEPENDS ${page}
        COMMAND gzip -9nkf ${page} VERBATIM)
      list(APPEND compressed_pages ${page}.gz)
      callbraid_package_files(share/man/man${section} ${component} ${page}.gz)
    endforeach()
  endforeach()
  add_custom_target(man ALL DEPENDS ${compressed_pages})
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME callbraid)
set(CPACK_PACKAGE_VENDOR Callbraid)
set(CPACK_PACKAGE_CONTACT "Callbraid <packages@callbraid.example>")
set(CPACK_PACKAGE_HOMEPAGE_URL "")
set(CPACK_COMPONENTS_ALL sensor collector cli)
if(TARGET callbraid_codec_g729 OR TARGET callbraid_codec_avcodec)
  list(APPEND CPACK_COMPONENTS_ALL codec-plugins)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)

set(CPACK_DEBIAN_SENSOR_PACKAGE_NAME callbraid-sensor)
set(CPACK_COMPONENT_SENSOR_DESCRIPTION
  "captures VoIP calls from the mirror port of a switch
Reads SIP, MGCP, SCCP, H.323 and RTP from a mirror (SPAN) port, and streams them
to a callbraid-collector, through a spool on disk that outlives an outage.")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_NAME callbraid-collector)
set(CPACK_COMPONENT_COLLECTOR_DESCRIPTION
  "records and watches the VoIP calls that sensors see
Braids what the sensors at all switches saw into calls, keeps them, renders
recordings, and answers a gRPC and JSON API and people in a browser.")
set(CPACK_DEBIAN_CLI_PACKAGE_NAME callbraid)
set(CPACK_COMPONENT_CLI_DESCRIPTION
  "command for the calls and sensors of a callbraid-collector
Lists, shows, plays and exports calls, enrols sensors and says what is wrong
with a mirror.")
set(CPACK_DEBIAN_CODEC-PLUGINS_PACKAGE_NAME callbraid-codecs)
set(CPACK_COMPONENT_CODEC-PLUGINS_DESCRIPTION
  "further decoders for the recordings of callbraid-collector
G.729 by bcg729, and what libavcodec decodes.")

foreach(component SENSOR COLLECTOR)
  string(TOLOWER ${component} name)
  # For the user that both run as.
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS adduser)
  set(scripts ${PROJECT_SOURCE_DIR}/deploy/debian/${name})
  set(control ${CMAKE_BINARY_DIR}/debian/${name})
  foreach(script conffiles postinst prerm postrm)
    configure_file(${scripts}.${script} ${control}/${script} COPYONLY)
  endforeach()
  set(CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA ${control}/conffiles
    ${control}/postinst ${control}/prerm ${control}/postrm)
endforeach()
# For callbraid-make-certs.
string(APPEND CPACK_DEBIAN_COLLECTOR_PACKAGE_DEPENDS ", openssl")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_RECOMMENDS "callbraid, callbraid-codecs")
set(CPACK_DEBIAN_CODEC-PLUGINS_PACKAGE_ENHANCES callbraid-collector)
include(CPack)

@echo off
rem Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
rem Installs, upgrades and repairs beacon: running it again ends in the same state. See install.cmd /help.
rem
rem Left to install.ps1, which can: looking at the owner of a folder that is there already, keeping variables with a quote in
rem them that somebody added to a service's Environment value, and accounts of the machine or of its domain, which need a
rem password or the right to log on as a service.
setlocal EnableExtensions DisableDelayedExpansion
set "SELF=install.cmd"
for %%V in (QUIET DRY NO_START RESET FIRST UNFINISHED INSTALL_DIR OLD_CP PUSHED) do set "%%V="
for %%V in (NEW_FOLDER NEW_ENTRY CLAIMED OLD_ACL OLD_SERVICES RAN_OLD TOUCHED_RECEIPT WHAT TOUCHED_1 ASIDE_1 TOUCHED_2 ASIDE_2 TOUCHED_3 ASIDE_3 TOUCHED_4 ASIDE_4) do set "%%V="
for %%V in (FOLDERS PARENTS NEW_DATA_1 MADE_DATA_1 OLD_DATA_1 NEW_DATA_2 MADE_DATA_2 OLD_DATA_2 NEW_DATA_3 MADE_DATA_3 OLD_DATA_3 NEW_DATA_4 MADE_DATA_4 OLD_DATA_4) do set "%%V="
set "CODE=0"
set "SC=%SystemRoot%\System32\sc.exe"
set "REG=%SystemRoot%\System32\reg.exe"
set "NETSH=%SystemRoot%\System32\netsh.exe"
set "ICACLS=%SystemRoot%\System32\icacls.exe"
set "ENTRY=HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\beacon"
set "PROGRAM_DATA=%ProgramData%"
set "SERVICES=HKLM\SYSTEM\CurrentControlSet\Services"

:options
if "%~1"=="" goto :options_read
if /i "%~1"=="/help" goto :help
if "%~1"=="/?" goto :help
if /i "%~1"=="/quiet" set "QUIET=1"& shift& goto :options
if /i "%~1"=="/dry-run" set "DRY=1"& shift& goto :options
if /i "%~1"=="/no-start" set "NO_START=1"& shift& goto :options
if /i "%~1"=="/reset" set "RESET=1"& shift& goto :options
if /i "%~1"=="/install-dir" if not "%~2"=="" set "INSTALL_DIR=%~2"& shift& shift& goto :options
>&2 echo %SELF%: "%~1" is no option, or lacks its value. See %SELF% /help.
exit /b 2

:help
echo Installs, upgrades or repairs beacon. Run it as administrator.
echo.
echo   %SELF% [/install-dir DIR] [/no-start] [/reset] [/dry-run] [/quiet]
echo.
echo   /install-dir DIR  instead of %%ProgramFiles%%\beacon; an upgrade goes where the installation is
echo   /no-start         starts nothing
echo   /reset            sets account, start type, recovery, access lists and firewall rules as on a first installation
echo   /dry-run          checks, and says what would be done
echo   /quiet            says nothing but errors
echo.
echo Exit codes:
echo   0  the services are installed and in the asked-for state
echo   1  a step failed; everything was put back
echo   2  the command line is at fault
echo   3  not run as administrator
echo   4  the package is incomplete or was changed
echo   5  the package is for another kind of machine
echo   6  a service, folder or entry of this name belongs to something else
echo   7  a service did not stop in its time; everything was put back
echo   8  a service did not start; everything was put back
echo   9  a step failed, and not everything could be put back
echo  10  something here that this script cannot carry: use install.ps1
echo  11  another run is under way
exit /b 0

rem ---- shared by install.cmd and uninstall.cmd

:prepare
rem A 32-bit interpreter on a 64-bit Windows sees another registry and another System32.
if defined PROCESSOR_ARCHITEW6432 >&2 echo %SELF%: run it from the 64-bit command prompt.
if defined PROCESSOR_ARCHITEW6432 set "CODE=5"
if defined PROCESSOR_ARCHITEW6432 exit /b 5
rem An administrator's processes carry the label "high" or "system", whatever language Windows speaks. An interpreter without
rem labels (Wine's) has no unprivileged users either.
set "WHOAMI=%SystemRoot%\System32\whoami.exe"
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-" >nul
if errorlevel 1 goto :elevated
"%WHOAMI%" /groups /fo csv /nh 2>nul | "%SystemRoot%\System32\findstr.exe" /c:"S-1-16-12288" /c:"S-1-16-16384" >nul
if not errorlevel 1 goto :elevated
>&2 echo %SELF%: run it as administrator.
set "CODE=3"
exit /b 3
:elevated
rem This file, and what is read from the registry, are UTF-8 from here on; the console gets its code page back at the end.
for /f "tokens=2 delims=:." %%A in ('%SystemRoot%\System32\chcp.com') do set "OLD_CP=%%A"
for /f "tokens=1" %%A in ("%OLD_CP%") do set "OLD_CP=%%A"
if "%OLD_CP%"=="0" set "OLD_CP="
"%SystemRoot%\System32\chcp.com" 65001 >nul 2>&1
exit /b 0

:run_alone
rem Two runs at a time would undo each other. Only administrators can write where the lock is, so nobody else can hold it, and
rem it goes with the run, however that ends: it is a handle of this interpreter. What is said meanwhile goes to the standard
rem error output, since an interpreter that knows no handle 9 (Wine's) takes the standard output for it.
set "LOCK=%ProgramFiles%\.beacon.svc-lock"
set "LOCKED="
set "LEFT_LOCK="
call :locked 9>"%LOCK%"
set "CODE=%errorlevel%"
if not defined LOCKED >&2 echo %SELF%: another run for beacon is under way, or "%LOCK%" cannot be written.
if not defined LOCKED exit /b 11
if defined LEFT_LOCK del /f /q "%LOCK%" >nul 2>&1
exit /b %CODE%

:locked
set "LOCKED=1"
call :run
set "CODE=%errorlevel%"
rem While it is held, so that it is not the next run's that goes. Where a file in use stays, the next run's stays as well.
for /f "delims=" %%D in ('del /f /q "%LOCK%" 2^>^&1') do set "LEFT_LOCK=1"
exit /b %CODE%

:read
rem %1: key; %2: value. VALUE becomes its data, which may hold quotes: a FOR variable is not read again.
call :read_into VALUE %1 %2
exit /b 0

:read_into
rem %1: variable; %2: key; %3: value.
set "%1="
for /f "tokens=1,2,*" %%A in ('%REG% query %2 /v %3 2^>nul') do if /i "%%A"=="%3" set "%1=%%C"
exit /b 0

:read_entry
for %%V in (RECORDED_BY RECORDED_DIR RECORDED_SERVICES RECORDED_RUNNING RECORDED_FOLDERS RECORDED_PARENTS KEPT_DIR CUT_SHORT) do set "%%V="
"%REG%" query "%ENTRY%" >nul 2>&1
if errorlevel 1 exit /b 0
call :read %ENTRY% SvcInstaller
set "RECORDED_BY=%VALUE%"
call :read %ENTRY% InstallLocation
set "RECORDED_DIR=%VALUE%"
call :read %ENTRY% SvcServices
set "RECORDED_SERVICES=%VALUE%"
if defined VALUE set "RECORDED_SERVICES=%VALUE:/= %"
rem Only a run that was killed leaves this: what it had found running, and may have stopped.
call :read %ENTRY% SvcRunning
if defined VALUE set "RECORDED_RUNNING=%VALUE:/= %"
rem The folders that installations made: those of services, and those that lead to them. Bars separate them.
call :read_into RECORDED_FOLDERS %ENTRY% SvcFolders
call :read_into RECORDED_PARENTS %ENTRY% SvcParents
call :read %ENTRY% SvcKept
if defined VALUE set "KEPT_DIR=%RECORDED_DIR%"
if "%RECORDED_BY%"=="script" if defined RECORDED_DIR exit /b 0
rem A run that was killed while it wrote the first lines of its entry had made nothing else yet.
if "%RECORDED_BY%"=="script" set "CUT_SHORT=1"
if not defined RECORDED_BY call :is_empty_entry
if defined CUT_SHORT set "RECORDED_SERVICES="
if defined CUT_SHORT exit /b 0
>&2 echo %SELF%: another kind of installer owns beacon in Add/Remove Programs: remove it there first.
exit /b 6

:is_empty_entry
set "CUT_SHORT=1"
for /f "delims=" %%A in ('%REG% query %ENTRY% 2^>nul') do set "LINE=%%A"& call :is_indented
exit /b 0

:is_indented
rem Below the line that names the key, values are indented.
if "%LINE:~0,1%"==" " set "CUT_SHORT="
exit /b 0

:mark_kept
rem What an uninstallation leaves that keeps the folder: by it an installation knows that nobody else made the folder. Without a
rem name, Add/Remove Programs does not show it.
"%REG%" delete "%ENTRY%" /f >nul 2>&1
"%REG%" add "%ENTRY%" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v InstallLocation /t REG_SZ /d "%KEPT_DIR%" /f >nul
if errorlevel 1 exit /b 1
if defined RECORDED_FOLDERS "%REG%" add "%ENTRY%" /v SvcFolders /t REG_SZ /d "%RECORDED_FOLDERS%" /f >nul
if defined RECORDED_FOLDERS if errorlevel 1 exit /b 1
if defined RECORDED_PARENTS "%REG%" add "%ENTRY%" /v SvcParents /t REG_SZ /d "%RECORDED_PARENTS%" /f >nul
if defined RECORDED_PARENTS if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v SvcKept /t REG_DWORD /d 1 /f >nul
exit /b %errorlevel%

:is_listed
rem %1: a path; %2: the variable with the list. Errorlevel 0 if it is in it. No path holds a bar.
set "REST="
if defined %2 for /f "tokens=1,* delims==" %%A in ('set %2') do if /i "%%A"=="%2" set "REST=%%B"
:is_listed_next
if not defined REST exit /b 1
set "PIECE="
for /f "tokens=1,* delims=|" %%A in ("%REST%") do (set "PIECE=%%A"& set "REST=%%B")
if not defined PIECE exit /b 1
if /i "%PIECE%"=="%~1" exit /b 0
goto :is_listed_next

:is_link
rem %1: a path. Errorlevel 0 if it is a link to something else.
set "ATTRIBUTES="
for %%I in (%1) do set "ATTRIBUTES=%%~aI"
if not defined ATTRIBUTES exit /b 1
if "%ATTRIBUTES:l=%"=="%ATTRIBUTES%" exit /b 1
exit /b 0

:remove_rule
rem %1: name of a rule of the firewall.
"%NETSH%" advfirewall firewall delete rule "name=%~1" >nul 2>&1
exit /b 0

:refuse_link
rem A folder that leads elsewhere would put programs where others may write.
if not exist "%INSTALL_DIR%" exit /b 0
call :is_link "%INSTALL_DIR%"
if errorlevel 1 exit /b 0
>&2 echo %SELF%: "%INSTALL_DIR%" is a link to another folder: remove it.
exit /b 6

:state
rem %1: name. STATE becomes the number of its state (1: stopped, 4: running), EXIT its exit code, OWN_EXIT the program's.
rem Labels are translated: the values count by their order.
for %%V in (F1 F2 F3 F4 F5) do set "%%V="
for /f "tokens=1,* delims=:" %%A in ('%SC% query %1') do if not "%%B"=="" call :field "%%B"
for %%V in (STATE EXIT OWN_EXIT) do set "%%V="
for /f "tokens=1" %%A in ("%F3%") do set "STATE=%%A"
for /f "tokens=1" %%A in ("%F4%") do set "EXIT=%%A"
for /f "tokens=1" %%A in ("%F5%") do set "OWN_EXIT=%%A"
exit /b 0

:field
rem The first of F1 to F5 that is free; from the last to the first, so that one call sets one.
if defined F4 if not defined F5 set "F5=%~1"
if defined F3 if not defined F4 set "F4=%~1"
if defined F2 if not defined F3 set "F3=%~1"
if defined F1 if not defined F2 set "F2=%~1"
if not defined F1 set "F1=%~1"
exit /b 0

:stop
rem %1: name; %2: seconds, 0 for no limit. A service that is stopped, or is not there, is fine.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 exit /b 0
set "TRIES=0"
:stop_again
call :state %1
if "%STATE%"=="1" exit /b 0
if "%TRIES%"=="0" if not defined QUIET >&2 echo %SELF%: stopping %1.
rem A service that is still starting takes no control: ask again until it does.
if not "%STATE%"=="3" "%SC%" stop %1 >nul 2>&1
call :state %1
if "%STATE%"=="1" exit /b 0
if not "%2"=="0" if %TRIES% geq %2 set "WHAT=stopping %1, which did not end within %2 s"
if not "%2"=="0" if %TRIES% geq %2 exit /b 7
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
set /a TRIES+=1
goto :stop_again

:stop_recorded
rem Stops all services of the installation, those first that others do not need. WHAT says what failed.
set "REVERSED="
for %%S in (%RECORDED_SERVICES%) do call :reverse %%S
rem All are asked before the first one is waited for: the manager stops nothing that a running service needs.
for %%S in (%REVERSED%) do "%SC%" stop %%S >nul 2>&1
for %%S in (%REVERSED%) do call :stop_one %%S
exit /b 0

:reverse
set "REVERSED=%1 %REVERSED%"
exit /b 0

:stop_one
rem What one failed to do is not overwritten by the next.
if defined WHAT exit /b 0
set "LIMIT=60"
if /i "%1"=="beacon" set "LIMIT=35"
call :stop %1 %LIMIT%
exit /b 0

:remove_service
rem %1: name. WHAT says what failed.
"%SC%" query %1 >nul 2>&1
if errorlevel 1 goto :remove_source
if not defined QUIET >&2 echo %SELF%: removing the service %1.
"%SC%" delete %1 >nul
if errorlevel 1 set "WHAT=removing the service %1"
:remove_source
"%REG%" query "%SERVICES%\EventLog\Application\%1" /v SvcInstaller >nul 2>&1
if errorlevel 1 exit /b 0
"%REG%" delete "%SERVICES%\EventLog\Application\%1" /f >nul 2>&1
exit /b 0

:options_read
call :prepare
if errorlevel 1 exit /b %CODE%
rem A command interpreter that reads a value twice (Wine's) loses a percent sign of the folder: then the current one counts.
pushd "%~dp0" 2>nul
if not errorlevel 1 set "PUSHED=1"
if defined DRY call :run
if not defined DRY call :run_alone
set "CODE=%errorlevel%"
if defined PUSHED popd
if defined OLD_CP "%SystemRoot%\System32\chcp.com" %OLD_CP% >nul
exit /b %CODE%

:run
call :check_package
if errorlevel 1 exit /b %errorlevel%
call :check_place
if errorlevel 1 exit /b %errorlevel%
call :check_folder 1 "%PROGRAM_DATA%\beacon"
if errorlevel 1 exit /b %errorlevel%
call :check_folder 2 "%PROGRAM_DATA%\beacon\state"
if errorlevel 1 exit /b %errorlevel%
call :check_folder 3 "%PROGRAM_DATA%\beacon\logs"
if errorlevel 1 exit /b %errorlevel%
call :check_folder 4 "%PROGRAM_DATA%\beacon\config"
if errorlevel 1 exit /b %errorlevel%
call :check_service 1 beacon
if errorlevel 1 exit /b %errorlevel%
call :merge 1 beacon
if errorlevel 1 exit /b %errorlevel%
call :find_old_services
if defined DRY goto :say_what_would_be
call :install
if errorlevel 1 goto :failed
call :clean
call :compare_1
if not defined QUIET >&2 echo %SELF%: beacon %VERSION% is installed.
exit /b 0

:failed
set "CODE=%errorlevel%"
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if not defined QUIET >&2 echo %SELF%: putting everything back.
call :put_back
if errorlevel 1 >&2 echo %SELF%: not everything could be put back; run %SELF% again.
if errorlevel 1 exit /b 9
exit /b %CODE%

rem ---- checks: nothing is changed before all of them passed

:check_package
set "TARGET="
set "VERSION="
if not exist PACKAGE >&2 echo %SELF%: the file PACKAGE is missing beside this script.
if not exist PACKAGE exit /b 4
set "LISTED="
for /f "usebackq tokens=1,* delims==" %%A in ("PACKAGE") do if not "%%B"=="" set "LISTED_%%A=%%B"
set "VERSION=%LISTED_version%"
set "TARGET=%LISTED_target%"
if /i not "%LISTED_package%"=="beacon" >&2 echo %SELF%: the file PACKAGE is not that of beacon.
if /i not "%LISTED_package%"=="beacon" exit /b 4
for /f "tokens=1 delims=-" %%A in ("%TARGET%") do set "MACHINE=%%A"
set "FITS="
for %%P in (x86_64-AMD64 x86_64-ARM64 aarch64-ARM64 i686-AMD64 i686-ARM64 i686-x86) do if /i "%%P"=="%MACHINE%-%PROCESSOR_ARCHITECTURE%" set "FITS=1"
if not defined FITS >&2 echo %SELF%: this package is for %TARGET%; this machine is %PROCESSOR_ARCHITECTURE%.
if not defined FITS exit /b 5
set "BAD="
set "UNVERIFIED="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A"=="file" call :check_file %%B "%%D"
if defined BAD exit /b 4
if not exist bin\beacon.exe >&2 echo %SELF%: beacon.exe is missing in this package.
if not exist bin\beacon.exe exit /b 4
if not exist uninstall.cmd >&2 echo %SELF%: uninstall.cmd is missing in this package.
if not exist uninstall.cmd exit /b 4
if not exist uninstall.ps1 >&2 echo %SELF%: uninstall.ps1 is missing in this package.
if not exist uninstall.ps1 exit /b 4
if not exist files\beacon.toml >&2 echo %SELF%: %%ProgramData%%\beacon\config\beacon.toml is missing in this package.
if not exist files\beacon.toml exit /b 4
if defined UNVERIFIED if not defined QUIET >&2 echo %SELF%: this machine has no certutil that computes SHA-256; the files were not verified.
exit /b 0

:check_file
rem %1: SHA-256; %2: path.
set "HASH=%1"
set "FILE=%~2"
set "FILE=%FILE:/=\%"
if not exist "%FILE%" >&2 echo %SELF%: "%FILE%" is missing in this package.
if not exist "%FILE%" set "BAD=1"
if not exist "%FILE%" exit /b 0
set "FOUND="
for /f "skip=1 delims=" %%H in ('%SystemRoot%\System32\certutil.exe -hashfile "%FILE%" SHA256 2^>nul') do if not defined FOUND set "FOUND=%%H"
if not defined FOUND set "UNVERIFIED=1"
if not defined FOUND exit /b 0
if /i "%FOUND: =%"=="%HASH%" exit /b 0
set "BAD=1"
>&2 echo %SELF%: "%FILE%" is not the file that was packaged: its SHA-256 differs.
exit /b 0

:check_place
call :read_entry
if errorlevel 1 exit /b %errorlevel%
if not defined RECORDED_DIR set "NEW_ENTRY=1"
rem An entry without a name is that of an installation that was killed: this run finishes it.
if defined RECORDED_DIR call :read %ENTRY% DisplayName
if defined RECORDED_DIR if not defined VALUE set "UNFINISHED=1"
if defined NEW_ENTRY set "FIRST=1"
if defined UNFINISHED set "FIRST=1"
if defined RESET set "FIRST=1"
if not defined INSTALL_DIR set "INSTALL_DIR=%RECORDED_DIR%"
if not defined INSTALL_DIR set "INSTALL_DIR=%ProgramFiles%\beacon"
for %%I in ("%INSTALL_DIR%") do set "INSTALL_DIR=%%~fI"
if "%INSTALL_DIR:~-1%"=="\" set "INSTALL_DIR=%INSTALL_DIR:~0,-1%"
rem A drive alone. Behind a text's end an interpreter (Wine's) finds anything, so the first three characters are compared.
if "%INSTALL_DIR:~0,3%"=="%INSTALL_DIR%" >&2 echo %SELF%: "%INSTALL_DIR%" cannot be the install folder: name a folder of its own.
if "%INSTALL_DIR:~0,3%"=="%INSTALL_DIR%" exit /b 2
set "PERCENT="
for /f "tokens=2 delims=%%" %%A in ("x%INSTALL_DIR%x") do set "PERCENT=1"
if defined PERCENT >&2 echo %SELF%: an install folder with a percent sign cannot stand in a service's command line.
if defined PERCENT exit /b 2
rem Another folder than the one that an uninstallation kept is as good as none.
if defined KEPT_DIR if /i not "%KEPT_DIR%"=="%INSTALL_DIR%" set "RECORDED_DIR="
if /i not "%RECORDED_DIR%"=="%INSTALL_DIR%" if defined RECORDED_DIR >&2 echo %SELF%: beacon is installed in "%RECORDED_DIR%": uninstall it there first.
if /i not "%RECORDED_DIR%"=="%INSTALL_DIR%" if defined RECORDED_DIR exit /b 6
if not exist "%INSTALL_DIR%" set "NEW_FOLDER=1"
if defined NEW_FOLDER exit /b 0
if not defined RECORDED_DIR >&2 echo %SELF%: "%INSTALL_DIR%" is there and no installation of beacon made it: remove it, or name another folder.
if not defined RECORDED_DIR exit /b 6
call :refuse_link
exit /b %errorlevel%

:check_service
rem %1: number; %2: name
set "EXISTS_%1="
"%SC%" query %2 >nul 2>&1
set "RC=%errorlevel%"
if "%RC%"=="1060" exit /b 0
if not "%RC%"=="0" set "WHAT=asking for the service %2, error %RC%"
if not "%RC%"=="0" >&2 echo %SELF%: could not ask for the service %2: error %RC%.
if not "%RC%"=="0" exit /b 1
set "EXISTS_%1=1"
for %%S in (%RECORDED_SERVICES%) do if /i "%%S"=="%2" exit /b 0
call :read %SERVICES%\%2 ImagePath
>&2 echo %SELF%: the service %2 is there and this installer did not make it. Its program is:
for /f "tokens=1,* delims==" %%A in ('set VALUE') do >&2 echo   %%B
exit /b 6

:check_folder
rem %1: number; %2: path. Everybody may make folders in %ProgramData%: one that somebody else made would bring its content.
if not exist %2 set "NEW_DATA_%1=1"
if not exist %2 exit /b 0
call :is_link %2
if not errorlevel 1 >&2 echo %SELF%: %2 is a link to another place: remove it.
if not errorlevel 1 exit /b 6
if "%ATTRIBUTES:d=%"=="%ATTRIBUTES%" >&2 echo %SELF%: %2 is a file: remove it.
if "%ATTRIBUTES:d=%"=="%ATTRIBUTES%" exit /b 6
call :is_listed %2 RECORDED_FOLDERS
if not errorlevel 1 exit /b 0
call :is_listed %2 RECORDED_PARENTS
if not errorlevel 1 exit /b 0
>&2 echo %SELF%: %2 is there and no installation of beacon made it: remove it, or use install.ps1, which can see whose it is.
exit /b 6

:check_account
rem %1: number; %2: name. An upgrade keeps the account.
if defined EXISTS_%1 if not defined FIRST exit /b 0
>&2 echo %SELF%: %2 has an account that needs a password, or the right to log on as a service: use install.ps1.
exit /b 10

:find_old_services
rem Services of the installed version that this one no longer has.
for %%S in (%RECORDED_SERVICES%) do call :find_old_service %%S
exit /b 0

:find_old_service
for %%S in (beacon ) do if /i "%%S"=="%1" exit /b 0
set "OLD_SERVICES=%OLD_SERVICES% %1"
exit /b 0

:say_what_would_be
echo %SELF%: would install beacon %VERSION% in "%INSTALL_DIR%":
if defined NEW_FOLDER echo   the folder is made, with an access list of its own
if defined NEW_DATA_1 echo   the folder "%PROGRAM_DATA%\beacon" is made
if defined NEW_DATA_2 echo   the folder "%PROGRAM_DATA%\beacon\state" is made
if defined NEW_DATA_3 echo   the folder "%PROGRAM_DATA%\beacon\logs" is made
if defined NEW_DATA_4 echo   the folder "%PROGRAM_DATA%\beacon\config" is made
echo   beacon.exe
echo   uninstall.cmd
echo   uninstall.ps1
if exist "%PROGRAM_DATA%\beacon\config\beacon.toml" echo   %%ProgramData%%\beacon\config\beacon.toml is kept if it was edited
if not exist "%PROGRAM_DATA%\beacon\config\beacon.toml" echo   %%ProgramData%%\beacon\config\beacon.toml
if defined EXISTS_1 echo   the service beacon is stopped, rewritten and put back into its state
if not defined EXISTS_1 echo   the service beacon is made and started
for %%S in (%OLD_SERVICES%) do echo   the service %%S, which this version no longer has, is removed
exit /b 0

rem ---- installation: a label of its own for each service's steps, in the order of the plan

:install
call :note_state 1 beacon
if errorlevel 1 exit /b %errorlevel%
for %%S in (%OLD_SERVICES%) do call :note_old %%S
call :claim
if errorlevel 1 exit /b %errorlevel%
call :stop_recorded
if defined WHAT exit /b 7
set "WHAT=making the folder %PROGRAM_DATA%\beacon"
call :folder_1
if errorlevel 1 exit /b 1
set "WHAT=making the folder %PROGRAM_DATA%\beacon\state"
call :folder_2
if errorlevel 1 exit /b 1
set "WHAT=making the folder %PROGRAM_DATA%\beacon\logs"
call :folder_3
if errorlevel 1 exit /b 1
set "WHAT=making the folder %PROGRAM_DATA%\beacon\config"
call :folder_4
if errorlevel 1 exit /b 1
set "WHAT=replacing the file beacon.exe"
call :replace 1
if errorlevel 1 exit /b 1
set "WHAT=replacing the file uninstall.cmd"
call :replace 2
if errorlevel 1 exit /b 1
set "WHAT=replacing the file uninstall.ps1"
call :replace 3
if errorlevel 1 exit /b 1
set "WHAT=replacing the file %%ProgramData%%\beacon\config\beacon.toml"
call :config 4
if errorlevel 1 exit /b 1
call :service_1
if errorlevel 1 exit /b 1
set "WHAT="
call :start_again 1 beacon 105 1
if errorlevel 1 exit /b %errorlevel%
call :write_receipt
if errorlevel 1 exit /b 1
call :write_entry
if errorlevel 1 exit /b 1
rem The last step, since nothing brings a removed service back.
set "WHAT="
for %%S in (%OLD_SERVICES%) do call :remove_service %%S
if defined WHAT exit /b 1
set "WHAT=writing the entry in Add/Remove Programs"
"%REG%" add "%ENTRY%" /v SvcServices /t REG_SZ /d beacon /f >nul
if errorlevel 1 exit /b 1
"%REG%" delete "%ENTRY%" /v SvcRunning /f >nul 2>&1
exit /b 0

:file
rem %1: number. FROM becomes the file in the package, TO the one in the install folder.
if "%1"=="1" set "FROM=bin\beacon.exe"& set "TO=%INSTALL_DIR%\beacon.exe"& set "LISTED=bin/beacon.exe"& set "PRIVATE="
if "%1"=="2" set "FROM=uninstall.cmd"& set "TO=%INSTALL_DIR%\uninstall.cmd"& set "LISTED=uninstall.cmd"& set "PRIVATE="
if "%1"=="3" set "FROM=uninstall.ps1"& set "TO=%INSTALL_DIR%\uninstall.ps1"& set "LISTED=uninstall.ps1"& set "PRIVATE="
if "%1"=="4" set "FROM=files\beacon.toml"& set "TO=%PROGRAM_DATA%\beacon\config\beacon.toml"& set "LISTED=files/beacon.toml"& set "PRIVATE="
exit /b 0

:note_state
rem %1: number; %2: name. A service that failed counts as running: it was not somebody who stopped it.
for %%V in (RAN MADE CHANGED STARTED NEW_SOURCE) do set "%%V_%1="
if not defined EXISTS_%1 exit /b 0
call :state %2
set "RAN_%1=1"
if "%STATE%"=="1" if "%EXIT%"=="0" set "RAN_%1="
if "%STATE%"=="1" if "%EXIT%"=="1077" set "RAN_%1="
for %%S in (%RECORDED_RUNNING%) do if /i "%%S"=="%2" set "RAN_%1=1"
exit /b 0

:claim
rem The entry comes first: only administrators write there, so it says who made the folder, also after a killed run.
set "WHAT=writing the entry in Add/Remove Programs"
set "SNAPSHOTS=%INSTALL_DIR%\rollback"
set "ALL_SERVICES=beacon"
for %%S in (%OLD_SERVICES%) do call :add_service %%S
call :snapshot_entry
if errorlevel 1 exit /b 1
set "CLAIMED=1"
"%REG%" add "%ENTRY%" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v SvcServices /t REG_SZ /d "%ALL_SERVICES%" /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v InstallLocation /t REG_SZ /d "%INSTALL_DIR%" /f >nul
if errorlevel 1 exit /b 1
rem What runs now runs again, also if this run is killed and another one finishes it.
set "RUNNING="
for %%S in (%RAN_OLD%) do call :add_running %%S
if defined RAN_1 call :add_running beacon
if defined RUNNING "%REG%" add "%ENTRY%" /v SvcRunning /t REG_SZ /d "%RUNNING:~1%" /f >nul
if defined RUNNING if errorlevel 1 exit /b 1
rem So do the folders of the services: whatever is not in these lists, another run does not take for the installer's.
set "FOLDERS=%RECORDED_FOLDERS%"
set "PARENTS=%RECORDED_PARENTS%"
call :claim_folder PARENTS "%PROGRAM_DATA%\beacon"
call :claim_folder FOLDERS "%PROGRAM_DATA%\beacon\state"
call :claim_folder FOLDERS "%PROGRAM_DATA%\beacon\logs"
call :claim_folder FOLDERS "%PROGRAM_DATA%\beacon\config"
if defined FOLDERS "%REG%" add "%ENTRY%" /v SvcFolders /t REG_SZ /d "%FOLDERS%" /f >nul
if defined FOLDERS if errorlevel 1 exit /b 1
if defined PARENTS "%REG%" add "%ENTRY%" /v SvcParents /t REG_SZ /d "%PARENTS%" /f >nul
if defined PARENTS if errorlevel 1 exit /b 1
"%REG%" delete "%ENTRY%" /v SvcKept /f >nul 2>&1
set "WHAT=making the install folder"
if defined NEW_FOLDER mkdir "%INSTALL_DIR%" 2>nul
if not exist "%INSTALL_DIR%\" exit /b 1
if not defined FIRST goto :folder_is_safe
set "WHAT=setting the access list of the install folder"
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
if not defined NEW_FOLDER "%ICACLS%" "%INSTALL_DIR%" /save "%SNAPSHOTS%\acl" /q >nul
if not defined NEW_FOLDER set "OLD_ACL=1"
"%ICACLS%" "%INSTALL_DIR%" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-32-545:(OI)(CI)RX" "*S-1-5-80-1730937524-3245270963-3047701991-853901244-3218580108:(OI)(CI)RX" /q >nul
if errorlevel 1 exit /b 1
:folder_is_safe
set "WHAT=saving the configuration of the services"
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
call :snapshot 1 beacon
if errorlevel 1 exit /b 1
set "WHAT="
exit /b 0

:claim_folder
rem %1: FOLDERS or PARENTS; %2: path.
call :is_listed %2 %1
if not errorlevel 1 exit /b 0
set "JOINED="
if defined %1 for /f "tokens=1,* delims==" %%A in ('set %1') do if /i "%%A"=="%1" set "JOINED=%%B|"
set "%1=%JOINED%%~2"
exit /b 0

:folder_1
if not defined NEW_DATA_1 goto :folder_1_is_there
rem One that came in the meantime is somebody else's.
mkdir "%PROGRAM_DATA%\beacon" 2>nul
if errorlevel 1 exit /b 1
set "MADE_DATA_1=1"
goto :folder_1_access
:folder_1_is_there
if not defined FIRST exit /b 0
"%ICACLS%" "%PROGRAM_DATA%\beacon" /save "%SNAPSHOTS%\acl-1" /q >nul
set "OLD_DATA_1=1"
:folder_1_access
"%ICACLS%" "%PROGRAM_DATA%\beacon" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-80-1730937524-3245270963-3047701991-853901244-3218580108:RX" /q >nul
if errorlevel 1 exit /b 1
"%ICACLS%" "%PROGRAM_DATA%\beacon" /setowner *S-1-5-32-544 /q >nul
if errorlevel 1 exit /b 1
exit /b 0

:folder_2
if not defined NEW_DATA_2 goto :folder_2_is_there
rem One that came in the meantime is somebody else's.
mkdir "%PROGRAM_DATA%\beacon\state" 2>nul
if errorlevel 1 exit /b 1
set "MADE_DATA_2=1"
goto :folder_2_access
:folder_2_is_there
if not defined FIRST exit /b 0
"%ICACLS%" "%PROGRAM_DATA%\beacon\state" /save "%SNAPSHOTS%\acl-2" /q >nul
set "OLD_DATA_2=1"
:folder_2_access
"%ICACLS%" "%PROGRAM_DATA%\beacon\state" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-80-1730937524-3245270963-3047701991-853901244-3218580108:(OI)(CI)M" /q >nul
if errorlevel 1 exit /b 1
"%ICACLS%" "%PROGRAM_DATA%\beacon\state" /setowner *S-1-5-32-544 /q >nul
if errorlevel 1 exit /b 1
exit /b 0

:folder_3
if not defined NEW_DATA_3 goto :folder_3_is_there
rem One that came in the meantime is somebody else's.
mkdir "%PROGRAM_DATA%\beacon\logs" 2>nul
if errorlevel 1 exit /b 1
set "MADE_DATA_3=1"
goto :folder_3_access
:folder_3_is_there
if not defined FIRST exit /b 0
"%ICACLS%" "%PROGRAM_DATA%\beacon\logs" /save "%SNAPSHOTS%\acl-3" /q >nul
set "OLD_DATA_3=1"
:folder_3_access
"%ICACLS%" "%PROGRAM_DATA%\beacon\logs" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-80-1730937524-3245270963-3047701991-853901244-3218580108:(OI)(CI)M" /q >nul
if errorlevel 1 exit /b 1
"%ICACLS%" "%PROGRAM_DATA%\beacon\logs" /setowner *S-1-5-32-544 /q >nul
if errorlevel 1 exit /b 1
exit /b 0

:folder_4
if not defined NEW_DATA_4 goto :folder_4_is_there
rem One that came in the meantime is somebody else's.
mkdir "%PROGRAM_DATA%\beacon\config" 2>nul
if errorlevel 1 exit /b 1
set "MADE_DATA_4=1"
goto :folder_4_access
:folder_4_is_there
if not defined FIRST exit /b 0
"%ICACLS%" "%PROGRAM_DATA%\beacon\config" /save "%SNAPSHOTS%\acl-4" /q >nul
set "OLD_DATA_4=1"
:folder_4_access
"%ICACLS%" "%PROGRAM_DATA%\beacon\config" /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-80-1730937524-3245270963-3047701991-853901244-3218580108:(OI)(CI)RX" /q >nul
if errorlevel 1 exit /b 1
"%ICACLS%" "%PROGRAM_DATA%\beacon\config" /setowner *S-1-5-32-544 /q >nul
if errorlevel 1 exit /b 1
exit /b 0

:add_service
set "ALL_SERVICES=%ALL_SERVICES%/%1"
exit /b 0

:add_running
set "RUNNING=%RUNNING%/%1"
exit /b 0

:snapshot_entry
if defined NEW_ENTRY exit /b 0
rem The folder of an unfinished installation may be missing, and a mark is written again.
if defined NEW_FOLDER exit /b 0
if defined KEPT_DIR exit /b 0
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
"%REG%" export "%ENTRY%" "%SNAPSHOTS%\entry.reg" /y >nul
exit /b %errorlevel%

:snapshot
rem %1: number; %2: name.
if not defined EXISTS_%1 exit /b 0
"%REG%" export "%SERVICES%\%2" "%SNAPSHOTS%\%1.reg" /y >nul
if errorlevel 1 exit /b 1
call :read_into IMAGE_%1 %SERVICES%\%2 ImagePath
call :read_into DISPLAY_%1 %SERVICES%\%2 DisplayName
call :read_into ACCOUNT_%1 %SERVICES%\%2 ObjectName
call :read_into START_%1 %SERVICES%\%2 Start
call :read_into DEPEND_%1 %SERVICES%\%2 DependOnService
call :read_into HAD_ENVIRONMENT_%1 %SERVICES%\%2 Environment
exit /b 0

:replace
rem %1: number. The new file is written beside the old one, and the old one stays until all is done.
call :file %1
rem A run that was killed in between may have left only the old file.
if exist "%TO%.old" if not exist "%TO%" move /y "%TO%.old" "%TO%" >nul
if exist "%TO%.old" del /f /q "%TO%.old"
if exist "%TO%.old" exit /b 1
set "TOUCHED_%1=1"
set "NEW_FILE_%1="
if not exist "%TO%" set "NEW_FILE_%1=1"
copy /b /y "%FROM%" "%TO%.new" >nul
if errorlevel 1 exit /b 1
if not exist "%TO%.new" exit /b 1
if defined PRIVATE "%ICACLS%" "%TO%.new" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F /q >nul
if defined PRIVATE if errorlevel 1 exit /b 1
if exist "%TO%" move /y "%TO%" "%TO%.old" >nul
if exist "%TO%" exit /b 1
move /y "%TO%.new" "%TO%" >nul
if not exist "%TO%" exit /b 1
exit /b 0

:config
rem %1: number, of a file that an operator may edit: then it stays, and this version's is put beside it.
call :file %1
set "WAS_SUM="
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,2,* delims== " %%A in ("%INSTALL_DIR%\receipt.txt") do if /i "%%A %%C"=="config %TO%" set "WAS_SUM=%%B"
if exist "%TO%" goto :config_is_there
if defined WAS_SUM if not defined QUIET >&2 echo %SELF%: "%TO%" was gone, and is put back.
goto :replace
:config_is_there
set "NEW_SUM="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A %%D"=="file %LISTED%" set "NEW_SUM=%%B"
set "IS_SUM="
for /f "skip=1 delims=" %%H in ('%SystemRoot%\System32\certutil.exe -hashfile "%TO%" SHA256 2^>nul') do if not defined IS_SUM set "IS_SUM=%%H"
if defined IS_SUM set "IS_SUM=%IS_SUM: =%"
if defined IS_SUM if /i "%IS_SUM%"=="%NEW_SUM%" exit /b 0
if defined IS_SUM if /i "%IS_SUM%"=="%WAS_SUM%" goto :replace
rem There is nothing new to tell the operator.
if /i "%NEW_SUM%"=="%WAS_SUM%" exit /b 0
if not defined QUIET >&2 echo %SELF%: "%TO%" was edited and is kept; the one of this version is put beside it, with .new after its name.
if exist "%TO%.new" copy /b /y "%TO%.new" "%SNAPSHOTS%\aside-%1" >nul
set "ASIDE_%1=1"
copy /b /y "%FROM%" "%TO%.new" >nul
if errorlevel 1 exit /b 1
if defined PRIVATE "%ICACLS%" "%TO%.new" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F /q >nul
exit /b 0

:note_old
rem %1: name, of a service that this version no longer has.
call :state %1
set "RAN="
if not "%STATE%"=="1" set "RAN=1"
for %%S in (%RECORDED_RUNNING%) do if /i "%%S"=="%1" set "RAN=1"
if defined RAN set "RAN_OLD=%RAN_OLD% %1"
exit /b 0

rem ---- beacon

:service_1
if defined EXISTS_1 goto :change_1
set "WHAT=creating the service beacon"
for /f "eol=| tokens=1,2 delims=|" %%G in ("%INSTALL_DIR%|%PROGRAM_DATA%") do "%SC%" create beacon binPath= ^"\^"%%~G\beacon.exe\^" serve --config \^"%%~H\beacon\config/beacon.toml\^"^" DisplayName= Beacon start= auto obj= "NT SERVICE\beacon" depend= Tcpip >nul
if errorlevel 1 exit /b 1
set "MADE_1=1"
goto :first_1
:change_1
set "WHAT=changing the service beacon"
set "CHANGED_1=1"
for /f "eol=| tokens=1,2 delims=|" %%G in ("%INSTALL_DIR%|%PROGRAM_DATA%") do "%SC%" config beacon binPath= ^"\^"%%~G\beacon.exe\^" serve --config \^"%%~H\beacon\config/beacon.toml\^"^" DisplayName= Beacon depend= Tcpip >nul
if errorlevel 1 exit /b 1
if not defined FIRST goto :always_1
set "WHAT=setting the account of beacon"
"%SC%" config beacon obj= "NT SERVICE\beacon" >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the start type of beacon"
"%SC%" config beacon start= auto >nul
if errorlevel 1 exit /b 1
:first_1
set "WHAT=setting the recovery of beacon"
"%SC%" failure beacon reset= 86400 actions= restart/1000 >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the recovery of beacon"
"%SC%" failureflag beacon 1 >nul
if errorlevel 1 exit /b 1
:always_1
set "WHAT=setting the description of beacon"
"%SC%" description beacon "Receives readings over HTTP, keeps the latest ones and serves them" >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the SID type of beacon"
"%SC%" sidtype beacon unrestricted >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the privileges of beacon"
"%SC%" privs beacon SeChangeNotifyPrivilege >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the preshutdown time of beacon"
"%SC%" preshutdown beacon 20000 >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the environment of beacon"
for /f "eol=| tokens=1,2,* delims=|" %%G in ("%INSTALL_DIR%|%PROGRAM_DATA%|%KEPT_1%") do "%REG%" add "%SERVICES%\beacon" /v Environment /t REG_MULTI_SZ /s "|" /d "%%ICONFIGURATION_DIRECTORY=%%~H\beacon\config|LOGS_DIRECTORY=%%~H\beacon\logs|RUST_BACKTRACE=1|STATE_DIRECTORY=%%~H\beacon\state|SVC_RESTART=on-failure|SVC_SOCKETS=http=tcp://[::]:8380|SVC_START_TIMEOUT_USEC=90000000|SVC_STOP_TIMEOUT_USEC=20000000|SVC_WORKING_DIRECTORY=%%~H\beacon\state|WATCHDOG_USEC=30000000" /f >nul
if errorlevel 1 exit /b 1
for /f "eol=| tokens=1,2 delims=|" %%G in ("%INSTALL_DIR%|%PROGRAM_DATA%") do "%REG%" add "%SERVICES%\beacon" /v SvcEnvironment /t REG_MULTI_SZ /s "|" /d "CONFIGURATION_DIRECTORY=%%~H\beacon\config|LOGS_DIRECTORY=%%~H\beacon\logs|RUST_BACKTRACE=1|STATE_DIRECTORY=%%~H\beacon\state|SVC_RESTART=on-failure|SVC_SOCKETS=http=tcp://[::]:8380|SVC_START_TIMEOUT_USEC=90000000|SVC_STOP_TIMEOUT_USEC=20000000|SVC_WORKING_DIRECTORY=%%~H\beacon\state|WATCHDOG_USEC=30000000" /f >nul
if errorlevel 1 exit /b 1
set "WHAT=setting the event source beacon"
"%REG%" query "%SERVICES%\EventLog\Application\beacon" >nul 2>&1
if errorlevel 1 set "NEW_SOURCE_1=1"
rem A source that somebody else registered keeps its own messages.
if not defined NEW_SOURCE_1 "%REG%" query "%SERVICES%\EventLog\Application\beacon" /v SvcInstaller >nul 2>&1
if not defined NEW_SOURCE_1 if errorlevel 1 exit /b 0
"%REG%" add "%SERVICES%\EventLog\Application\beacon" /v EventMessageFile /t REG_EXPAND_SZ /d "%%SystemRoot%%\System32\EventCreate.exe" /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%SERVICES%\EventLog\Application\beacon" /v TypesSupported /t REG_DWORD /d 7 /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%SERVICES%\EventLog\Application\beacon" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
exit /b 0

:needs_1
exit /b 0

:names_1
set "OURS=CONFIGURATION_DIRECTORY LOGS_DIRECTORY RUST_BACKTRACE STATE_DIRECTORY SVC_RESTART SVC_SOCKETS SVC_START_TIMEOUT_USEC SVC_STOP_TIMEOUT_USEC SVC_WORKING_DIRECTORY WATCHDOG_USEC "
exit /b 0

:compare_1
rem Says where the service differs from what a first installation sets.
if not defined EXISTS_1 exit /b 0
if defined QUIET exit /b 0
call :read %SERVICES%\beacon ObjectName
if /i not "%VALUE%"=="NT SERVICE\beacon" >&2 echo %SELF%: beacon runs as "%VALUE%", which was kept; /reset makes it NT SERVICE\beacon.
call :read %SERVICES%\beacon Start
if /i not "%VALUE%"=="0x2" >&2 echo %SELF%: beacon has another start type than auto, which was kept; /reset changes that.
call :read %SERVICES%\beacon DelayedAutostart
if not defined VALUE set "VALUE=0x0"
if /i not "%VALUE%"=="0x0" if "0x0"=="0x0" >&2 echo %SELF%: beacon starts with delay, which was kept; /reset changes that.
if /i not "%VALUE%"=="0x0" if "0x0"=="0x1" >&2 echo %SELF%: beacon starts without delay, which was kept; /reset changes that.
call :read %SERVICES%\beacon FailureActions
if /i not "%VALUE%"=="805101000000000000000000010000001400000001000000E8030000" >&2 echo %SELF%: beacon has another recovery than declared, which was kept; /reset changes that.
call :read %SERVICES%\beacon FailureActionsOnNonCrashFailures
if /i not "%VALUE%"=="0x1" >&2 echo %SELF%: beacon has another recovery than declared, which was kept; /reset changes that.
exit /b 0

:merge
rem %1: number; %2: name. KEPT_%1 becomes the variables that somebody else added to the service, each with its separator.
set "KEPT_%1="
set "KEPT="
if not defined EXISTS_%1 exit /b 0
call :names_%1
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,2,3 delims== " %%A in ("%INSTALL_DIR%\receipt.txt") do if /i "%%A %%B"=="variable %2" call :add_name %%C
call :read %SERVICES%\%2 Environment
if not defined VALUE exit /b 0
rem The installer keeps a copy of what it wrote: usually nothing else is there.
call :read_into WRITTEN %SERVICES%\%2 SvcEnvironment
call :is_unchanged
if not errorlevel 1 exit /b 0
call :has_no_quote
if errorlevel 1 goto :cannot_merge
if not "%VALUE:|=%"=="%VALUE%" goto :cannot_merge
set "REST=%VALUE:\0=|%"
:merge_next
set "PIECE="
for /f "eol=| tokens=1,* delims=|" %%A in ("%REST%") do (set "PIECE=%%A"& set "REST=%%B")
if not defined PIECE goto :merged
set "NAME="
for /f "eol== tokens=1 delims==" %%A in ("%PIECE%") do set "NAME=%%A"
if "%NAME%"=="%PIECE%" goto :cannot_merge
for %%V in (%OURS%) do if /i "%%V"=="%NAME%" set "PIECE="
if defined PIECE set "KEPT=%KEPT%%PIECE%|"
if defined REST goto :merge_next
:merged
set "KEPT_%1=%KEPT%"
exit /b 0
:cannot_merge
>&2 echo %SELF%: somebody added a variable to %2 that this script cannot carry: use install.ps1, or move it to
>&2 echo %SERVICES%\%2\Parameters, value Environment.
exit /b 10

:add_name
set "OURS=%OURS% %1"
exit /b 0

:is_unchanged
rem What a substitution without quotes results in can stand in quotes, whatever else the value holds.
if not defined WRITTEN exit /b 1
set "NOW=%VALUE:"='%"
set "THEN=%WRITTEN:"='%"
if "%NOW%"=="%THEN%" exit /b 0
exit /b 1

:has_no_quote
set "ONE=%VALUE:"=1%"
set "TWO=%VALUE:"=2%"
if "%ONE%"=="%TWO%" exit /b 0
exit /b 1

:start_again
rem %1: number; %2: name; %3: seconds, 0 for no limit; %4: 1 if a first installation starts it.
if defined NO_START exit /b 0
call :needs_%1
if errorlevel 1 exit /b 0
if defined EXISTS_%1 if not defined UNFINISHED goto :start_as_before
if not "%4"=="1" exit /b 0
call :start %2 %3
set "RC=%errorlevel%"
set "STARTED_%1=1"
exit /b %RC%
:start_as_before
if not defined RAN_%1 if not defined QUIET >&2 echo %SELF%: %2 was stopped and stays stopped.
if not defined RAN_%1 exit /b 0
call :start_even_disabled %2 %3
set "RC=%errorlevel%"
set "STARTED_%1=1"
exit /b %RC%

:start_even_disabled
rem A service that was disabled while it ran comes back, and stays disabled.
call :read %SERVICES%\%1 Start
set "DISABLED="
if /i "%VALUE%"=="0x4" set "DISABLED=1"
if defined DISABLED "%SC%" config %1 start= demand >nul
call :start %1 %2
set "RC=%errorlevel%"
if defined DISABLED "%SC%" config %1 start= disabled >nul
exit /b %RC%

:start
rem %1: name; %2: seconds, 0 for no limit.
if not defined QUIET >&2 echo %SELF%: starting %1.
set "TRIES=0"
:start_once_more
"%SC%" start %1 >nul 2>&1
set "RC=%errorlevel%"
if not "%RC%"=="1056" goto :start_asked
rem 1056: it runs already, because another service needs it; or it did not stop in its time, and cannot start before it has.
call :state %1
set "ENDING="
for %%S in (1 3) do if "%STATE%"=="%%S" set "ENDING=1"
if not "%2"=="0" if %TRIES% geq %2 set "ENDING="
if defined ENDING "%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
if defined ENDING set /a TRIES+=1
if defined ENDING goto :start_once_more
set "RC=0"
:start_asked
if not "%RC%"=="0" set "WHAT=starting %1, error %RC%; net helpmsg %RC% explains it"
if not "%RC%"=="0" exit /b 8
set "TRIES=0"
:start_wait
call :state %1
if "%STATE%"=="4" exit /b 0
if "%STATE%"=="1" set "WHAT=starting %1, which ended with %EXIT%, its own code %OWN_EXIT%; see the event log"
if "%STATE%"=="1" exit /b 8
if not "%2"=="0" if %TRIES% geq %2 set "WHAT=starting %1, which did not say within %2 s that it runs"
if not "%2"=="0" if %TRIES% geq %2 exit /b 8
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
set /a TRIES+=1
goto :start_wait

:write_receipt
set "WHAT=writing the receipt"
set "TO=%INSTALL_DIR%\receipt.txt"
set "TOUCHED_RECEIPT=1"
set "NEW_FILE_RECEIPT="
if not exist "%TO%" set "NEW_FILE_RECEIPT=1"
copy /b /y PACKAGE "%TO%.new" >nul
if not exist "%TO%.new" exit /b 1
>>"%TO%.new" echo installer=%SELF%
>>"%TO%.new" echo installed-by="%USERDOMAIN%\%USERNAME%"
>>"%TO%.new" echo installed=beacon.exe
>>"%TO%.new" echo installed=uninstall.cmd
>>"%TO%.new" echo installed=uninstall.ps1
call :config_line 4
>>"%TO%.new" echo service=beacon
>>"%TO%.new" echo variable=beacon CONFIGURATION_DIRECTORY
>>"%TO%.new" echo variable=beacon LOGS_DIRECTORY
>>"%TO%.new" echo variable=beacon RUST_BACKTRACE
>>"%TO%.new" echo variable=beacon STATE_DIRECTORY
>>"%TO%.new" echo variable=beacon SVC_RESTART
>>"%TO%.new" echo variable=beacon SVC_SOCKETS
>>"%TO%.new" echo variable=beacon SVC_START_TIMEOUT_USEC
>>"%TO%.new" echo variable=beacon SVC_STOP_TIMEOUT_USEC
>>"%TO%.new" echo variable=beacon SVC_WORKING_DIRECTORY
>>"%TO%.new" echo variable=beacon WATCHDOG_USEC
if exist "%TO%.old" del /f /q "%TO%.old"
if exist "%TO%" move /y "%TO%" "%TO%.old" >nul
move /y "%TO%.new" "%TO%" >nul
if not exist "%TO%" exit /b 1
exit /b 0

:config_line
rem %1: number. What a later run tells an edited file by.
set "RECEIPT=%TO%"
call :file %1
set "PLACE=%TO%"
set "TO=%RECEIPT%"
set "NEW_SUM="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A %%D"=="file %LISTED%" set "NEW_SUM=%%B"
call :receipt_line config "%NEW_SUM% %PLACE%"
exit /b 0

:receipt_line
rem %1: name; %2: value. A FOR variable is not read again, whatever its text holds.
set "RECORD=%~2"
for /f "tokens=1,* delims==" %%A in ('set RECORD') do if /i "%%A"=="RECORD" >>"%TO%.new" echo %1=%%B
exit /b 0

:write_entry
set "WHAT=writing the entry in Add/Remove Programs"
"%REG%" delete "%ENTRY%" /v HelpLink /f >nul 2>&1
"%REG%" delete "%ENTRY%" /v URLInfoAbout /f >nul 2>&1
"%REG%" add "%ENTRY%" /v DisplayVersion /t REG_SZ /d "%VERSION%" /f >nul
if errorlevel 1 exit /b 1
rem The name comes last: with it, the installation counts as finished.
"%REG%" add "%ENTRY%" /v DisplayName /t REG_SZ /d Beacon /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v Publisher /t REG_SZ /d "The cargo-svc developers" /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v Comments /t REG_SZ /d "Receives readings over HTTP, keeps the latest ones and serves them" /f >nul
if errorlevel 1 exit /b 1
for %%G in ("%INSTALL_DIR%") do "%REG%" add "%ENTRY%" /v DisplayIcon /t REG_SZ /d "%%~G\beacon.exe" /f >nul
if errorlevel 1 exit /b 1
for %%G in ("%INSTALL_DIR%") do "%REG%" add "%ENTRY%" /v UninstallString /t REG_EXPAND_SZ /d ^"\^"%%SystemRoot%%\System32\cmd.exe\^" /d /c \^"\^"%%~G\uninstall.cmd\^"\^"^" /f >nul
if errorlevel 1 exit /b 1
for %%G in ("%INSTALL_DIR%") do "%REG%" add "%ENTRY%" /v QuietUninstallString /t REG_EXPAND_SZ /d ^"\^"%%SystemRoot%%\System32\cmd.exe\^" /d /c \^"\^"%%~G\uninstall.cmd\^" /quiet\^"^" /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v NoModify /t REG_DWORD /d 1 /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v NoRepair /t REG_DWORD /d 1 /f >nul
if errorlevel 1 exit /b 1
exit /b 0
rem ---- after the run: putting everything back, or clearing away

:put_back
set "INCOMPLETE="
if defined MADE_1 call :unmake beacon 35
if defined CHANGED_1 call :stop beacon 35
if defined NEW_SOURCE_1 "%REG%" delete "%SERVICES%\EventLog\Application\beacon" /f >nul 2>&1
if defined TOUCHED_1 call :put_file_back 1
if defined TOUCHED_2 call :put_file_back 2
if defined TOUCHED_3 call :put_file_back 3
if defined TOUCHED_4 call :put_file_back 4
if defined ASIDE_4 call :put_aside_back 4
if defined TOUCHED_RECEIPT set "TO=%INSTALL_DIR%\receipt.txt"& call :put_old_back RECEIPT
if defined CHANGED_1 call :restore 1 beacon
if defined OLD_ACL for %%I in ("%INSTALL_DIR%\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl" /q >nul
if defined OLD_DATA_1 for %%I in ("%PROGRAM_DATA%\beacon\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl-1" /q >nul
if defined OLD_DATA_2 for %%I in ("%PROGRAM_DATA%\beacon\state\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl-2" /q >nul
if defined OLD_DATA_3 for %%I in ("%PROGRAM_DATA%\beacon\logs\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl-3" /q >nul
if defined OLD_DATA_4 for %%I in ("%PROGRAM_DATA%\beacon\config\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl-4" /q >nul
rem Nothing was in these before, so that what is in them is not an operator's.
if defined MADE_DATA_4 rd /s /q "%PROGRAM_DATA%\beacon\config"
if defined MADE_DATA_4 if exist "%PROGRAM_DATA%\beacon\config" set "INCOMPLETE=1"
if defined MADE_DATA_3 rd /s /q "%PROGRAM_DATA%\beacon\logs"
if defined MADE_DATA_3 if exist "%PROGRAM_DATA%\beacon\logs" set "INCOMPLETE=1"
if defined MADE_DATA_2 rd /s /q "%PROGRAM_DATA%\beacon\state"
if defined MADE_DATA_2 if exist "%PROGRAM_DATA%\beacon\state" set "INCOMPLETE=1"
if defined MADE_DATA_1 rd "%PROGRAM_DATA%\beacon"
if defined MADE_DATA_1 if exist "%PROGRAM_DATA%\beacon" set "INCOMPLETE=1"
rem What was running runs again, whichever step failed.
for %%S in (%RAN_OLD%) do call :start_back %%S 60
if defined RAN_1 call :start_back beacon 105
if defined CLAIMED if defined NEW_ENTRY "%REG%" delete "%ENTRY%" /f >nul
rem An import takes no value away, and the name would say that an unfinished installation was finished.
if defined CLAIMED if defined UNFINISHED "%REG%" delete "%ENTRY%" /v DisplayName /f >nul 2>&1
if defined CLAIMED "%REG%" delete "%ENTRY%" /v SvcRunning /f >nul 2>&1
if defined CLAIMED if defined KEPT_DIR call :put_mark_back
if defined CLAIMED if not defined RECORDED_FOLDERS "%REG%" delete "%ENTRY%" /v SvcFolders /f >nul 2>&1
if defined CLAIMED if not defined RECORDED_PARENTS "%REG%" delete "%ENTRY%" /v SvcParents /f >nul 2>&1
if defined CLAIMED if not defined KEPT_DIR if not defined NEW_ENTRY "%REG%" import "%SNAPSHOTS%\entry.reg" >nul 2>&1
if exist "%SNAPSHOTS%" rd /s /q "%SNAPSHOTS%"
if defined NEW_FOLDER if exist "%INSTALL_DIR%" rd "%INSTALL_DIR%" 2>nul
if defined NEW_FOLDER if exist "%INSTALL_DIR%" set "INCOMPLETE=1"
if defined INCOMPLETE exit /b 9
exit /b 0

:put_mark_back
call :mark_kept
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:unmake
rem %1: name; %2: seconds.
call :stop %1 %2
"%SC%" delete %1 >nul
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:put_file_back
call :file %1
:put_old_back
if exist "%TO%.new" del /f /q "%TO%.new"
if exist "%TO%.old" if exist "%TO%" del /f /q "%TO%"
if exist "%TO%.old" move /y "%TO%.old" "%TO%" >nul
if exist "%TO%.old" set "INCOMPLETE=1"
rem Nothing was there before: what this run wrote goes.
if defined NEW_FILE_%1 if exist "%TO%" del /f /q "%TO%"
exit /b 0

:put_aside_back
rem %1: number.
call :file %1
if exist "%TO%.new" del /f /q "%TO%.new"
if exist "%SNAPSHOTS%\aside-%1" copy /b /y "%SNAPSHOTS%\aside-%1" "%TO%.new" >nul
exit /b 0

:restore
rem %1: number; %2: name. The manager is told, and then the registry gets every value back.
call :restore_config %1 %2
if errorlevel 1 set "INCOMPLETE=1"
if not defined HAD_ENVIRONMENT_%1 "%REG%" delete "%SERVICES%\%2" /v Environment /f >nul 2>&1
"%REG%" import "%SNAPSHOTS%\%1.reg" >nul 2>&1
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:restore_config
rem A text with < or > in it cannot stand in a batch file again: then the registry's value counts alone, at the next start.
set "DEPEND=/"
if defined DEPEND_%1 for /f "tokens=1,* delims==" %%A in ('set DEPEND_%1') do set "DEPEND=%%B"
set "DEPEND=%DEPEND:\0=/%"
"%SC%" config %2 depend= "%DEPEND%" >nul
if errorlevel 1 exit /b 1
set "WORD=%2"
if defined DISPLAY_%1 for /f "tokens=1,* delims==" %%A in ('set DISPLAY_%1') do set "WORD=%%B"
call :escape_word
if not errorlevel 1 "%SC%" config %2 DisplayName= ^"%WORD:>=\^"%^" >nul
for /f "tokens=1,* delims==" %%A in ('set IMAGE_%1') do set "WORD=%%B"
call :escape_word
if not errorlevel 1 "%SC%" config %2 binPath= ^"%WORD:>=\^"%^" >nul
if not defined RESET exit /b 0
for /f "tokens=1,* delims==" %%A in ('set START_%1') do set "WORD=%%B"
if "%WORD%"=="0x2" "%SC%" config %2 start= auto >nul
if "%WORD%"=="0x3" "%SC%" config %2 start= demand >nul
if "%WORD%"=="0x4" "%SC%" config %2 start= disabled >nul
rem Without its password an account cannot come back; a virtual or built-in one has none.
for /f "tokens=1,* delims==" %%A in ('set ACCOUNT_%1') do "%SC%" config %2 obj= "%%B" >nul
if errorlevel 1 for /f "tokens=1,* delims==" %%A in ('set ACCOUNT_%1') do >&2 echo %SELF%: %2 ran as "%%B": give that account back by hand.
if errorlevel 1 exit /b 1
exit /b 0

:escape_word
rem WORD becomes what stands between carets and quotes on a line: a > for each quote, with one backslash more for each that
rem stood before it (a < wanders over them to the left), and a caret before whatever means something outside of quotes.
set "PLAIN=%WORD:"='%"
set "MARKED="
for /f "tokens=2 delims=<>" %%A in ("x%PLAIN%x") do set "MARKED=1"
if defined MARKED exit /b 1
set "WORD=%WORD:"=<>%"
:escape_backslashes
set "MORE=%WORD:\<=<\\%"
if not "%MORE%"=="%WORD%" set "WORD=%MORE%"& goto :escape_backslashes
set "WORD=%WORD:<=%"
set "WORD=%WORD:^=^^%"
set "WORD=%WORD:&=^&%"
set "WORD=%WORD:|=^|%"
set "WORD=%WORD:(=^(%"
set "WORD=%WORD:)=^)%"
exit /b 0

:start_back
rem %1: name; %2: seconds.
call :start_even_disabled %1 %2
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:clean
rem Programs that only the replaced version had go with it.
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="installed" call :forget_file "%%B"
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="placed" call :forget_placed "%%B"
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="subfolder" rd "%%B" 2>nul
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="firewall" call :forget_rule "%%B"
call :file 1
if exist "%TO%.old" del /f /q "%TO%.old"
call :file 2
if exist "%TO%.old" del /f /q "%TO%.old"
call :file 3
if exist "%TO%.old" del /f /q "%TO%.old"
call :file 4
if exist "%TO%.old" del /f /q "%TO%.old"
if exist "%INSTALL_DIR%\receipt.txt.old" del /f /q "%INSTALL_DIR%\receipt.txt.old"
if exist "%SNAPSHOTS%" rd /s /q "%SNAPSHOTS%"
exit /b 0

:forget_file
set "NAME=%~1"
if /i "%NAME%"=="beacon.exe" exit /b 0
if /i "%NAME%"=="uninstall.cmd" exit /b 0
if /i "%NAME%"=="uninstall.ps1" exit /b 0
del /f /q "%INSTALL_DIR%\%NAME%"
exit /b 0

:forget_placed
rem %1: path.
if /i "%~1"=="%PROGRAM_DATA%\beacon\config\beacon.toml" exit /b 0
if exist %1 del /f /q %1
exit /b 0

:forget_rule
rem %1: name.
call :remove_rule %1
exit /b 0
